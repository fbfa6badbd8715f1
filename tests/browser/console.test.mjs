// The console: commands that wait hold nothing up.
import { test, until } from './harness.mjs';
import { command, open, printed } from './playground.mjs';

test('a watch ends when a button is pressed, or by Ctrl+C', async ({ page, site }) => {
  await open(page, site.root);
  await command(page, 'kubectl get nodes -w');
  await printed(page, 'kubectl get nodes -w');
  await page.locator('[data-action="add-node"]').first().click();
  await until('the new node', page, () => document.querySelector('[data-node="node-4"]'));
  await command(page, 'kubectl get pods -w');
  await page.locator('[data-prompt]').press('Control+C');
  await printed(page, '^C');
  await command(page, 'echo still here');
  await printed(page, 'still here');
});
