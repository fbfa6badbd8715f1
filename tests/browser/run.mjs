// usage: node tests/browser/run.mjs DIST [FILTER]
//
// Runs every *.test.mjs of this folder against the built page in DIST, in a real browser. Ends with `N passed, N failed`.
// A failed test leaves a picture of its page in target/browser.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch, newPage, serve, tests } from './harness.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const [dist, filter = ''] = process.argv.slice(2);
if (!dist || !fs.existsSync(path.join(dist, 'index.html'))) {
  console.error('usage: node tests/browser/run.mjs DIST [FILTER]   (DIST as made by `cargo xtask dist`)');
  process.exit(2);
}
for (const file of fs.readdirSync(here).filter((name) => name.endsWith('.test.mjs')).sort()) await import(`./${file}`);

const pictures = path.join(here, '../../target/browser');
const browser = await launch();
const site = { ...(await serve(dist)), dist: path.resolve(dist) };
let passed = 0;
let failed = 0;
for (const { name, run, options } of tests.filter((each) => each.name.includes(filter))) {
  const start = performance.now();
  const fresh = await newPage(browser, options);
  try {
    await run({ ...fresh, site, browser });
    const foreign = fresh.requests.filter((url) => /^https?:/.test(url) && !url.startsWith(site.origin));
    if (foreign.length > 0) throw new Error(`asked other servers: ${foreign.join(' ')}`);
    if (fresh.complaints.length > 0) throw new Error(`the page complained:\n${fresh.complaints.join('\n')}`);
    passed += 1;
    console.log(`ok   ${name} (${((performance.now() - start) / 1000).toFixed(1)} s)`);
  } catch (error) {
    failed += 1;
    const picture = path.join(pictures, `${name.replace(/\W+/g, '-')}.png`);
    fs.mkdirSync(pictures, { recursive: true });
    await fresh.page.screenshot({ path: picture }).catch(() => {});
    console.log(`FAIL ${name}\n${String(error.stack ?? error).replace(/^/gm, '     ')}`);
    if (fresh.complaints.length > 0) console.log(`     the page also said:\n${fresh.complaints.join('\n').replace(/^/gm, '       ')}`);
    console.log(`     picture: ${path.relative(process.cwd(), picture)}`);
  }
  await fresh.context.close();
}
await browser.close();
site.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 || passed === 0 ? 1 : 0);
