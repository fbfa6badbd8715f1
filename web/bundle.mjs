// Bundles web/js/editor.js into web/js/gen/editor.js, the script that index.html names.
// `--check` only says (by its exit code) whether there is something to do.
//
// A bundle that would not change is not written again: its date would make `trunk serve` build the page anew.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const web = path.dirname(fileURLToPath(import.meta.url));
const entry = path.join(web, 'js/editor.js');
const bundle = path.join(web, 'js/gen/editor.js');
const stamp = path.join(web, 'js/gen/editor.sources');

const sources = fs.readdirSync(path.join(web, 'js'), { recursive: true })
  .filter((name) => name.endsWith('.js') && !name.startsWith('gen'))
  .sort()
  .map((name) => path.join('js', name));
const hash = createHash('sha256');
for (const name of [...sources, 'package-lock.json', 'bundle.mjs']) hash.update(`${name}\0`).update(fs.readFileSync(path.join(web, name)));
const wanted = hash.digest('hex');

const current = fs.existsSync(bundle) && fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === wanted;
if (process.argv.includes('--check')) process.exit(current ? 0 : 1);

if (!current) {
  const esbuild = await import('esbuild').catch(() => {
    console.error('esbuild is not installed: run `cargo xtask setup` first');
    process.exit(1);
  });
  const result = await esbuild.build({
    entryPoints: [entry], bundle: true, format: 'iife', minify: true, target: 'es2022', legalComments: 'none', write: false,
  });
  const text = result.outputFiles[0].contents;
  fs.mkdirSync(path.dirname(bundle), { recursive: true });
  if (!fs.existsSync(bundle) || Buffer.compare(fs.readFileSync(bundle), Buffer.from(text)) !== 0) fs.writeFileSync(bundle, text);
  fs.writeFileSync(stamp, wanted);
}
