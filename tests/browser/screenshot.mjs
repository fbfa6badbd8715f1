// usage: node tests/browser/screenshot.mjs DIST OUT.png
//
// The picture of the page in README.md: both example workloads, one node freshly added.
import { launch, newPage, serve } from './harness.mjs';
import { FLUENTD, MYSQL } from './manifests.mjs';
import { apply, fastForward, keepOneFile, oneOnEachNode, open, paste, ready } from './playground.mjs';

const [dist, out] = process.argv.slice(2);
const browser = await launch();
const site = await serve(dist);
const { page } = await newPage(browser, { deviceScaleFactor: 1, colorScheme: 'light' });
await open(page, site.root);
await keepOneFile(page);
await paste(page, `${MYSQL}---\n${FLUENTD}`);
await fastForward(page);
await apply(page);
await ready(page, 'default/mysql-1');
await page.locator('[data-action="add-node"]').first().click();
await oneOnEachNode(page, 'kube-system/fluentd-', 4);
await page.screenshot({ path: out });
await browser.close();
site.close();
console.log(`wrote ${out}`);
