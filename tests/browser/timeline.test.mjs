// Time as a person handles it: lanes, other futures, the record of the loop, undo, and what a session can be taken away as.
import { holds, same, test, until } from './harness.mjs';
import { POD } from './manifests.mjs';
import { apply, fastForward, keepOneFile, open, paste, ready } from './playground.mjs';

/** A page on which the pod `hello` is ready. */
async function withPod(page, site) {
  await open(page, site.root);
  await keepOneFile(page);
  await paste(page, POD);
  await fastForward(page);
  await apply(page);
  await ready(page, 'default/hello');
}

test('a pod has a lane, and the loop tells what it decided', async ({ page, site }) => {
  await withPod(page, site);
  await page.locator('[data-action="lanes"]').click();
  await until('the lane of the pod', page, () => document.querySelector('[data-lane="default/hello"] .ph-ready'));
  await page.locator('[data-action="trace"]').click();
  await page.locator('[data-action="reconcile"]').click();
  await until('a look of the loop', page, () => document.querySelector('[data-trace] li'));
});

test('undo takes an action back, and acting in the past keeps the old future', async ({ page, site }) => {
  await withPod(page, site);
  await page.locator('[data-action="undo"]').click();
  await until('the pod to be gone', page, () => !document.querySelector('[data-pod="default/hello"]'));
  await page.locator('[data-action="redo"]').click();
  await ready(page, 'default/hello');
  await page.locator('[data-action="step-back"]').click();
  await page.locator('[data-action="step-back"]').click();
  await apply(page);
  await page.locator('[data-action="branches"]').click();
  await until('the old future', page, () => document.querySelector('[data-branch="future-1"]'));
  await page.locator('[data-branch="future-1"] [data-action="compare"]').click();
  await until('the comparison', page, () => document.querySelector('[data-comparison]'));
  await page.locator('[data-branch="future-1"] [data-action="switch"]').click();
  await until('the other line', page, () => document.querySelector('[data-branch="main"] [data-action="switch"]'));
});

test('a link says which moment and what, and everything can be taken away', async ({ page, site }) => {
  await withPod(page, site);
  await page.locator('[data-action="share"]').click();
  const link = await page.locator('[data-link]').inputValue();
  holds(`the link ends well: ${link.slice(-8)}`, link.includes('#s=df1:') && link.endsWith('&v=1'));
  same('what can be downloaded', await page.locator('[data-download]').evaluateAll((all) => all.map((each) => each.dataset.download)), ['save', 'kind', 'kwok', 'svg']);
  holds('there is a code', (await page.locator('.qr path').count()) === 1);
});

test('a link of a newer version is refused in words', async ({ page, site }) => {
  await open(page, `${site.root}#v=99&s=df1:AAAA`);
  await page.getByText('newer podground').waitFor();
});
