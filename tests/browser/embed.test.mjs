// The frame in somebody's page: what is in it comes from the address.
import { deflateRawSync } from 'node:zlib';
import { holds, same, test, until } from './harness.mjs';
import { MYSQL, POD } from './manifests.mjs';
import { apply, fastForward, nodes, open, ready } from './playground.mjs';

test('a frame of 720 by 420 in a page runs what its address says', async ({ page, site }) => {
  const address = `${site.root}embed/#yaml=${encodeURIComponent(POD)}&nodes=2&v=1`;
  site.extra['/docs/pods'] = `<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>Docs</title><iframe title="A pod" width="720" height="420" src="${address}"></iframe></html>`;
  await page.goto(`${site.origin}/docs/pods`);
  const frame = await (await page.locator('iframe').elementHandle()).contentFrame();
  await until('the nodes in the frame', frame, () => document.querySelectorAll('[data-node]').length === 2);
  holds('the page in the frame knows that it is in one', await frame.evaluate(() => document.documentElement.dataset.embed === 'true'));
  await fastForward(frame);
  await apply(frame);
  await ready(frame, 'default/hello');
});

test('the embedded page takes its manifest and nodes from the address', async ({ page, site }) => {
  const address = `${site.root}embed/#yaml=${encodeURIComponent(POD)}&nodes=3&v=1`;
  await open(page, address);
  same('the nodes', await nodes(page), ['node-1', 'node-2', 'node-3']);
  holds('the editor has the text', (await page.locator('[data-editor] .cm-content').innerText()).includes('name: hello'));
  const size = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.scrollHeight]);
  holds(`everything fits into the frame: ${size}`, size[0] <= 720 && size[1] <= 420);
  await fastForward(page);
  await apply(page);
  await ready(page, 'default/hello');
  same('the address stays', page.url(), address);
}, { viewport: { width: 720, height: 420 } });

test('a packed session opens', async ({ page, site }) => {
  const session = { v: 1, k8s: '1.36', files: [{ name: 'one.yaml', content: MYSQL }, { name: 'two.yaml', content: POD }], nodes: 2, seed: 7, speed: 1, actions: [], view: 'split' };
  await open(page, `${site.root}embed/#s=df1:${deflateRawSync(JSON.stringify(session)).toString('base64url')}&v=1`);
  same('the nodes', await nodes(page), ['node-1', 'node-2']);
  same('the files', await page.locator('[data-file-tab]').evaluateAll((tabs) => tabs.map((tab) => tab.dataset.fileTab)), ['one.yaml', 'two.yaml']);
  await fastForward(page);
  await apply(page);
  await ready(page, 'default/hello');
  await ready(page, 'default/mysql-0');
}, { viewport: { width: 720, height: 420 } });
