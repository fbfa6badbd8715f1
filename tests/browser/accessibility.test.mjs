// axe finds nothing to object to, in every state a person meets.
import { axeSource, same, test, until } from './harness.mjs';
import { FLUENTD, MYSQL } from './manifests.mjs';
import { apply, fastForward, keepOneFile, open, paste, problems, ready } from './playground.mjs';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** What axe objects to, short enough to read. */
async function scan(page, state) {
  await page.evaluate(axeSource);
  const violations = await page.evaluate(async (tags) => {
    const result = await window.axe.run(document, { runOnly: { type: 'tag', values: tags }, rules: { 'target-size': { enabled: true } } });
    return result.violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary.split('\n').slice(1).join('; ')}`));
  }, TAGS);
  same(`axe, ${state}`, violations, []);
}

for (const [what, options] of Object.entries({
  'light': { colorScheme: 'light' },
  'dark': { colorScheme: 'dark' },
  'narrow': { viewport: { width: 390, height: 844 } },
})) {
  test(`axe objects to nothing (${what})`, async ({ page, site }) => {
    await open(page, site.root);
    await scan(page, 'at the start');
    if (what === 'narrow') return;
    await keepOneFile(page);
    await fastForward(page);
    await paste(page, `${MYSQL}---\n${FLUENTD}`);
    await apply(page);
    await ready(page, 'default/mysql-0');
    await scan(page, 'while pods start');
    await ready(page, 'default/mysql-2');
    await page.locator('[data-node] [data-pod="default/mysql-0"]').click();
    await scan(page, 'with details of a pod');
    await paste(page, MYSQL.replace('replicas:', 'replikas:'));
    await apply(page);
    await problems(page);
    await scan(page, 'with a diagnostic');
    await page.keyboard.press('Escape');
  }, options);
}

test('the page can be used at 320 pixels', async ({ page, site }) => {
  await open(page, site.root);
  const width = await until('the width', page, () => document.documentElement.scrollWidth);
  same('the width of the page', width, 320);
}, { viewport: { width: 320, height: 640 } });
