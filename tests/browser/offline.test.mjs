// The one file that works from a disk.
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { same, test } from './harness.mjs';
import { MYSQL } from './manifests.mjs';
import { apply, fastForward, keepOneFile, nodes, open, paste, ready } from './playground.mjs';

test('the offline file works from a disk, alone', async ({ page, context, requests, site }) => {
  await context.setOffline(true);
  const file = pathToFileURL(path.join(site.dist, 'podground-offline.html')).href;
  await open(page, file);
  same('the nodes', await nodes(page), ['node-1', 'node-2', 'node-3']);
  await keepOneFile(page);
  await paste(page, MYSQL);
  await fastForward(page);
  await apply(page);
  await ready(page, 'default/mysql-2');
  const loaded = requests.filter((url) => !/^(data|blob):/.test(url)).map((url) => url.split('?')[0]);
  same('what was loaded', loaded, [file]);
});
