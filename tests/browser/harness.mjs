// What the browser tests share: a server, a browser, and one fresh page a test.
//
// A test fails on anything the page complains about (an uncaught error, an error on its console) and on any request that
// leaves its own folder. No test sleeps: Playwright's locators and `expect` below wait for a condition.
import fs from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';

const require = createRequire(new URL('../../web/package.json', import.meta.url));
export const { chromium } = require('playwright-core');
export const axeSource = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/** How long a condition may take: a loaded two-core machine is slow, a broken page is slower. */
const PATIENCE_MS = 60_000;

const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.json': 'application/json', '.wasm': 'application/wasm', '.svg': 'image/svg+xml', '.png': 'image/png' };

/** Serves a folder below a path, as a static host would. What is put into `extra` is served too: HTML by path. */
export async function serve(folder) {
  const below = '/some/where/';
  const extra = {};
  const server = http.createServer((request, response) => {
    const name = decodeURIComponent(new URL(request.url, 'http://localhost').pathname);
    const send = (status, type, body) => response.writeHead(status, { 'content-type': type }).end(body);
    if (extra[name]) return send(200, 'text/html', extra[name]);
    const file = path.join(folder, name.slice(below.length), name.endsWith('/') ? 'index.html' : '');
    const inside = name.startsWith(below) && path.resolve(file).startsWith(path.resolve(folder));
    if (!inside || !fs.existsSync(file) || fs.statSync(file).isDirectory()) return send(404, 'text/plain', 'not here');
    return send(200, TYPES[path.extname(file)] ?? 'application/octet-stream', fs.readFileSync(file));
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const origin = `http://127.0.0.1:${server.address().port}`;
  return { origin, root: origin + below, extra, close: () => server.close() };
}

/** The browser: as root, without a screen, without calling anybody. */
export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
}

/** A page of its own, with everything it complains about in `complaints`. */
export async function newPage(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce', ...options });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const complaints = [];
  page.on('pageerror', (error) => complaints.push(`uncaught: ${error.stack ?? error}`));
  page.on('console', (message) => { if (message.type() === 'error') complaints.push(`console: ${message.text()}`); });
  const requests = [];
  page.on('request', (request) => requests.push(request.url()));
  return { context, page, complaints, requests };
}

/** Waits until `probe` gives something true, and gives it back; says `what` it waited for otherwise. */
export async function until(what, page, probe, argument) {
  try {
    return await (await page.waitForFunction(probe, argument, { timeout: PATIENCE_MS })).jsonValue();
  } catch (error) {
    throw new Error(`waited in vain for: ${what}\n${error.message.split('\n')[0]}`);
  }
}

/** Fails with both values. */
export function same(what, actual, expected) {
  const [left, right] = [JSON.stringify(actual, null, 1), JSON.stringify(expected, null, 1)];
  if (left !== right) throw new Error(`${what}\n  is       ${left}\n  expected ${right}`);
}

/** Fails with a sentence. */
export function holds(what, condition) {
  if (!condition) throw new Error(what);
}

/** Tests, in the order in which the files define them. */
export const tests = [];

/** Defines a test: `run({ page, context, site, requests, browser })`. `options` are the browser context's. */
export function test(name, run, options = {}) {
  tests.push({ name, run, options });
}
