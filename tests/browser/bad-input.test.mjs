// Bad input: an explanation with a line, a page that goes on, nothing lost.
import { deflateRawSync } from 'node:zlib';
import { holds, same, test, until } from './harness.mjs';
import { POD } from './manifests.mjs';
import { apply, fastForward, keepOneFile, noProblems, nodes, open, paste, problems, ready } from './playground.mjs';

const tower = 'a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n'
  + Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(10).fill(`*a${i}`).join(', ')}]`).join('\n');

const CASES = {
  'a binary file': [Buffer.from(Array.from({ length: 512 }, (_, i) => (i * 37 + 11) % 256)).toString('latin1'), /line \d+/i],
  'wrong indentation': [POD.replace('  name: hello\n', '  name: hello\n   labels: {}\n'), /line [45]/i],
  'tabs': [POD.replace('  containers:', '\tcontainers:'), /line 6/i],
  'an unknown kind': [POD.replace('kind: Pod', 'kind: Pood'), /line \d+/i],
  'a misspelt field': [POD.replace('image:', 'imgae:'), /line 8[\s\S]*image/i],
  'aliases without end': [`${tower}\n`, /line \d+/i],
  'deep nesting': [`a: ${'['.repeat(20_000)}\n`, /line 1/i],
};

for (const [what, [text, expected]] of Object.entries(CASES)) {
  test(`${what} is explained and breaks nothing`, async ({ page, site }) => {
    await open(page, site.root);
    await keepOneFile(page);
    await fastForward(page);
    await paste(page, POD);
    await apply(page);
    await ready(page, 'default/hello');

    await paste(page, text);
    await apply(page);
    const shown = await problems(page);
    holds(`says where: ${shown}`, expected.test(shown));
    same('the nodes are still there', await nodes(page), ['node-1', 'node-2', 'node-3']);
    await ready(page, 'default/hello');

    await paste(page, POD.replace('name: hello\nspec', 'name: again\nspec'));
    await noProblems(page);
    await apply(page);
    await ready(page, 'default/again');
  });
}

test('an empty file is no mishap', async ({ page, site }) => {
  await open(page, site.root);
  await keepOneFile(page);
  await paste(page, '');
  await apply(page);
  same('the nodes are still there', await nodes(page), ['node-1', 'node-2', 'node-3']);
  await fastForward(page);
  await paste(page, POD);
  await apply(page);
  await ready(page, 'default/hello');
});

test('a damaged link opens the page and says so', async ({ page, site }) => {
  const whole = deflateRawSync('{"v":1,"files":[]}').toString('base64url');
  await open(page, `${site.root}#s=df1:${whole.slice(0, 6)}&v=1`);
  await until('a word about the link', page, () => /link/i.test(document.querySelector('[data-notice]')?.innerText ?? ''));
});
