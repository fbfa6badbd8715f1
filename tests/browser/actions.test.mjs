// What a person does from the page has its effect, and shows the command that does the same.
import { axeSource, holds, same, test, until } from './harness.mjs';
import { MYSQL } from './manifests.mjs';
import { apply, command, fastForward, keepOneFile, open, paste, printed, ready } from './playground.mjs';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** What axe objects to. */
async function objections(page) {
  await page.evaluate(axeSource);
  return page.evaluate(async (tags) => {
    const result = await window.axe.run(document, { runOnly: { type: 'tag', values: tags }, rules: { 'target-size': { enabled: true } } });
    return result.violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`));
  }, TAGS);
}

const deed = (page, name) => page.locator(`[data-details] [data-deed="${name}"]`).click();
const did = (page, text) => until(`the command ${text}`, page, (wanted) => document.querySelector('[data-did]')?.textContent.includes(wanted), text);

test('a node is cordoned, tainted, powered off and on from its menu', async ({ page, site }) => {
  await open(page, site.root);
  await fastForward(page);
  const menu = async (name) => {
    await page.locator('[data-node="node-2"] [data-action="node-menu"]').click();
    await page.locator(`[data-node="node-2"] [data-deed="${name}"]`).click();
  };
  await menu('cordon');
  await did(page, 'kubectl cordon node-2');
  await until('node-2 to be cordoned', page, () => /SchedulingDisabled/.test(document.querySelector('[data-node="node-2"] .condition').textContent));
  await menu('uncordon');
  await menu('taint');
  await page.locator('[data-field]').fill('dedicated=db:NoSchedule');
  await page.locator('[data-action="do"]').click();
  await until('the taint', page, () => document.querySelector('[data-node="node-2"] .taints')?.textContent.includes('dedicated=db:NoSchedule'));
  await menu('stop-node');
  await until('node-2 to be silent', page, () => /NotReady/.test(document.querySelector('[data-node="node-2"] .condition').textContent));
  await menu('start-node');
  await until('node-2 to be back', page, () => document.querySelector('[data-node="node-2"] .condition').textContent === 'Ready');
});

test('a workload is scaled, updated and undone, and a pod crashed, from the drawer', async ({ page, site }) => {
  await open(page, site.root);
  await fastForward(page);
  await command(page, 'kubectl create deployment web --image=nginx:1.28 --replicas=2');
  await page.locator('[data-workload="Deployment default/web"]').click();
  await deed(page, 'scale');
  await page.locator('[data-field]').fill('3');
  await page.locator('[data-action="do"]').click();
  await did(page, 'kubectl scale deployment web --replicas=3');
  await until('three pods of web', page, () => document.querySelectorAll('[data-lane="default/web"] .box[data-of]').length === 3);
  await deed(page, 'image');
  await page.locator('[data-field]').fill('nginx:1.29');
  await page.locator('[data-action="do"]').click();
  await until('revision 2', page, () => document.querySelector('[data-lane="default/web"] .set-head')?.textContent.includes('revision'));
  await until('the new image everywhere', page, () => !document.querySelector('[data-lane="default/web"]').textContent.includes('nginx:1.28'));
  await deed(page, 'undo');
  await page.locator('[data-action="do"]').click();
  await until('the old image again', page, () => document.querySelector('[data-lane="default/web"]').textContent.includes('nginx:1.28'));
  await page.locator('[data-lane="default/web"] .box[data-of]').first().click();
  await deed(page, 'crash');
  await did(page, 'sim pod crash');
});

test('Why? leads to the root, shows its line, and a button fixes it', async ({ page, site }) => {
  await open(page, site.root);
  await page.locator('[data-action="examples"]').click();
  same('axe, with the examples', await objections(page), []);
  await page.locator('[data-example="missing-class"]').click();
  await until('Why?', page, () => document.querySelector('[data-action="why"]'));
  await fastForward(page);
  await page.locator('[data-workload="StatefulSet default/db"]').click();
  await until('the chain down to the claim', page, () => document.querySelector('.chain .root')?.textContent.includes('data-db-0'));
  same('axe, with Why?', await objections(page), []);
  await page.locator('[data-action="cause"]').click();
  await until('the line of the class', page, () => document.querySelector('.cm-activeLine')?.textContent.includes('storageClassName: fast'));
  await page.locator('[data-remedy]').first().click();
  await ready(page, 'default/db-1');
});

for (const [theme, options] of Object.entries({ light: {}, dark: { colorScheme: 'dark' } })) {
  test(`every view shows what there is, and axe objects to none (${theme})`, async ({ page, site }) => {
    await open(page, site.root);
    await keepOneFile(page);
    await fastForward(page);
    await paste(page, MYSQL);
    await apply(page);
    await command(page, "kubectl create job pi --image=perl:5 -- sleep 3; kubectl create cronjob report --image=busybox:1 --schedule='* * * * *' -- date");
    await ready(page, 'default/mysql-2');
    await page.locator('[data-action="play"]').click();
    for (const view of ['workloads', 'storage', 'tree', 'table']) {
      await page.locator(`[data-view="${view}"]`).click();
      same(`axe, ${view}`, await objections(page), []);
    }
    const shown = Number(await page.locator('[data-rows]').getAttribute('data-rows'));
    await command(page, 'kubectl get pods -A --no-headers | wc -l');
    await printed(page, `\n${shown}`.trim());
    await page.locator('[data-action="settings"]').click();
    same('axe, settings', await objections(page), []);
    await page.locator('[data-setting="theme"]').selectOption('contrast');
    await page.locator('[data-action="help"]').click();
    same('axe, help, with contrast', await objections(page), []);
  }, options);
}

test('the console completes, searches and links', async ({ page, site }) => {
  await open(page, site.root);
  const prompt = page.locator('[data-prompt]');
  await prompt.fill('kubectl cordon node-');
  await prompt.press('Tab');
  await until('three candidates', page, () => document.querySelectorAll('[data-candidate]').length === 3);
  await prompt.press('Tab');
  same('the first candidate', (await prompt.inputValue()).trim(), 'kubectl cordon node-1');
  await prompt.press('Enter');
  await printed(page, 'node/node-1 cordoned');
  await prompt.press('Control+r');
  await prompt.pressSequentially('cord');
  await until('the line before', page, () => document.querySelector('[data-found]')?.textContent === 'kubectl cordon node-1');
  await prompt.press('Escape');
  await page.locator('[data-console] .name-link', { hasText: 'node-1' }).first().click();
  await until('the details of node-1', page, () => document.querySelector('[data-details="node-1"]'));
});

test('the editor suggests, explains and takes a page apart', async ({ page, site }) => {
  await open(page, site.root);
  await keepOneFile(page);
  await paste(page, 'apiVersion: apps/v1\nkind: StatefulSet\nspec:\n  podManagementPolicy: ');
  await page.keyboard.press('Control+Space');
  await until('the two policies', page, () => document.querySelector('.cm-tooltip-autocomplete')?.textContent.includes('Parallel'));
  await page.keyboard.press('Escape');
  await paste(page, '');
  await paste(page, '# A page\n```yaml\nkind: ConfigMap\napiVersion: v1\nmetadata:\n  name: one\n```\n```sh\nkubectl get cm one\n```\n');
  await page.locator('[data-action="notice"]').click();
  await until('the file', page, () => document.querySelector('[data-file-tab="configmap-one.yaml"]'));
  holds('the cluster is untouched so far', !(await page.locator('[data-console]').innerText()).includes('configmap/one'));
});

test('a first visit starts with an example at work, and three steps that go for good', async ({ page, site }) => {
  await page.goto(site.root);
  await until('a pod', page, () => document.querySelector('[data-pod="default/mysql-0"]'));
  same('axe, first visit', await objections(page), []);
  for (const step of [0, 1, 2]) {
    await until(`step ${step}`, page, (wanted) => document.querySelector('[data-hint]')?.dataset.hint === wanted, String(step));
    await page.locator('[data-action="hint-next"]').click();
  }
  await page.reload();
  await until('the page again', page, () => document.querySelector('[data-node]'));
  same('hints', await page.locator('[data-hint]').count(), 0);
});
