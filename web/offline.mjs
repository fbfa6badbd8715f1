// usage: node web/offline.mjs DIST OUT
//
// Puts the whole page into one file that works from a disk, without a server: scripts and styles inline, pictures as data
// addresses, the Wasm compressed and unpacked by the browser. A browser loads no module and no Wasm from a neighbouring
// file of a `file:` page, so everything has to be inside.
import esbuild from 'esbuild';
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';

const [dist, out] = process.argv.slice(2);
const read = (name) => fs.readFileSync(path.join(dist, name));
const wasm = fs.readdirSync(dist).find((name) => name.endsWith('_bg.wasm'));
if (!wasm) throw new Error(`${dist} holds no page: build it first`);
const glue = wasm.replace(/_bg\.wasm$/, '.js');

const entry = `
import init, * as bindings from './${glue}';
const packed = Uint8Array.from(atob(document.getElementById('podground-wasm').textContent), (c) => c.charCodeAt(0));
const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
const wasm = await init({ module_or_path: await new Response(stream).arrayBuffer() });
window.wasmBindings = bindings;
dispatchEvent(new CustomEvent('TrunkApplicationStarted', { detail: { wasm } }));
`;
const bundled = await esbuild.build({
  stdin: { contents: entry, resolveDir: path.resolve(dist), loader: 'js' },
  bundle: true, format: 'esm', minify: true, target: 'es2022', write: false, logLevel: 'error', legalComments: 'none',
});
const packed = zlib.gzipSync(read(wasm), { level: 9 }).toString('base64');

const types = { '.svg': 'image/svg+xml', '.png': 'image/png', '.ico': 'image/x-icon', '.woff2': 'font/woff2' };
const dataAddress = (name) => `data:${types[path.extname(name)] ?? 'application/octet-stream'};base64,${read(name).toString('base64')}`;
const inlined = (css) => css.replace(/url\((["']?)\.?\/?([^"')#:]+)\1\)/g, (all, quote, name) => (fs.existsSync(path.join(dist, name)) ? `url("${dataAddress(name)}")` : all));

let html = fs.readFileSync(path.join(dist, 'index.html'), 'utf8');
const escaped = (code) => code.replace(/<\/script/gi, '<\\/script').replace(/<!--/g, '<\\!--');
// The script that starts the page is replaced by ours; any other is kept, with its file inside.
html = html.replace(/<script\b([^>]*)>([\s\S]*?)<\/script>/g, (tag, attributes, body) => {
  if (body.includes(glue)) return '';
  const src = /\ssrc="\.?\/?([^":]+)"/.exec(attributes);
  if (!src) return tag;
  const kept = attributes.replace(src[0], '').replace(/\s(?:integrity|crossorigin|nonce)(?:="[^"]*")?/g, '');
  return `<script${kept}>${escaped(read(src[1]).toString())}</script>`;
});
html = html.replace(/<link\b[^>]*\brel="(?:modulepreload|preload)"[^>]*>/g, '');
html = html.replace(/<link\b[^>]*\brel="manifest"[^>]*>/g, '');
html = html.replace(/<link\b[^>]*\brel="stylesheet"[^>]*>/g, (tag) => {
  const name = /href="\.?\/?([^"]+)"/.exec(tag)[1];
  return `<style>${inlined(read(name).toString())}</style>`;
});
html = html.replace(/\b(href|src)="\.\/([^"#?]+)"/g, (all, attribute, name) => (fs.existsSync(path.join(dist, name)) ? `${attribute}="${dataAddress(name)}"` : all));
html = html.replace('<html', '<html data-offline="true"');
const tail = `<script type="application/octet-stream" id="podground-wasm">${packed}</script><script type="module">${escaped(bundled.outputFiles[0].text)}</script>`;
html = html.includes('</body>') ? html.replace('</body>', () => `${tail}</body>`) : html + tail;
fs.writeFileSync(out, html);
