// The main job: from paste to pods.
import { holds, same, test, until } from './harness.mjs';
import { FLUENTD, MYSQL, POD } from './manifests.mjs';
import { apply, arrivals, fastForward, keepOneFile, nodes, oneOnEachNode, open, paste, ready, removeNode, watchArrivals } from './playground.mjs';

test('pasted manifests become pods in order, and follow the nodes', async ({ page, site }) => {
  await open(page, site.root);
  same('the nodes at the start', await nodes(page), ['node-1', 'node-2', 'node-3']);
  await keepOneFile(page);
  await paste(page, `${MYSQL}---\n${FLUENTD}`);
  await watchArrivals(page);
  await fastForward(page);
  await apply(page);

  // One after the other: when a pod appears, every one before it is ready.
  for (const ordinal of [0, 1, 2]) await ready(page, `default/mysql-${ordinal}`);
  same('who was ready when each mysql pod came', await arrivals(page, 'default/mysql-'), [
    ['default/mysql-0', []],
    ['default/mysql-1', ['default/mysql-0']],
    ['default/mysql-2', ['default/mysql-0', 'default/mysql-1']],
  ]);
  for (const ordinal of [0, 1, 2]) {
    await until(`the bound claim of mysql-${ordinal}`, page, (claim) => document.querySelector(`[data-claim="${claim}"]`)?.dataset.claimStatus === 'Bound', `mysql-data-mysql-${ordinal}`);
  }
  await oneOnEachNode(page, 'kube-system/fluentd-', 3);
  holds('the events tell of it', (await page.locator('[data-events]').innerText()).includes('mysql-2'));

  // A machine joins: a fluentd pod starts on it.
  await page.locator('[data-action="add-node"]').first().click();
  await oneOnEachNode(page, 'kube-system/fluentd-', 4);

  // A machine goes: its pod comes back elsewhere under its name, with its claim; the others stay.
  const home = await ready(page, 'default/mysql-1');
  await removeNode(page, home);
  const refuge = await ready(page, 'default/mysql-1');
  holds(`mysql-1 is back on ${refuge}, not on ${home}`, refuge !== home);
  for (const ordinal of [0, 2]) await ready(page, `default/mysql-${ordinal}`);
  await oneOnEachNode(page, 'kube-system/fluentd-', 3);
});

test('the keyboard applies, and work outlives a reload', async ({ page, site }) => {
  await open(page, site.root);
  await keepOneFile(page);
  await paste(page, POD);
  await page.keyboard.press('ControlOrMeta+Enter');
  await ready(page, 'default/hello');
  await page.reload();
  await until('the text typed before', page, () => document.querySelector('[data-editor] .cm-content')?.textContent.includes('name: hello'));
});
