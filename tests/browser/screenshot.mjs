// usage: node tests/browser/screenshot.mjs DIST OUT.png
//
// The picture of the page in README.md: a node more than at the start, and the StatefulSet on its way up, stopped while its last
// pod starts.
import { launch, newPage, serve, until } from './harness.mjs';
import { FLUENTD, MYSQL } from './manifests.mjs';
import { apply, fastForward, keepOneFile, oneOnEachNode, open, paste } from './playground.mjs';

const [dist, out] = process.argv.slice(2);
const browser = await launch();
const site = await serve(dist);
const { page } = await newPage(browser, { deviceScaleFactor: 1, colorScheme: 'light' });
await open(page, site.root);
await keepOneFile(page);
await page.locator('[data-action="add-node"]').first().click();
await until('four nodes', page, () => document.querySelectorAll('[data-node]').length === 4);
await paste(page, `${MYSQL}---\n${FLUENTD}`);
await fastForward(page);
await apply(page);
await oneOnEachNode(page, 'kube-system/fluentd-', 4);
// Condition and click in one step: a moment later it would be over.
await until('mysql-2 to start', page, () => {
  const tile = document.querySelector('[data-node] [data-pod="default/mysql-2"]');
  if (!tile || tile.dataset.ready === 'true') return false;
  document.querySelector('[data-action="play"]').click();
  return true;
});
// What greets a first visit, and what tells the last deed, would cover the picture.
await page.locator('[data-action="hint-close"]').click();
await page.locator('.did button').last().click();
await page.locator('.cm-scroller').evaluate((scroller) => scroller.scrollTo(0, 0));
await page.screenshot({ path: out });
await browser.close();
site.close();
console.log(`wrote ${out}`);
