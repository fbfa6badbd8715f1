// usage: node web/sizes.mjs DIST
//
// Prints, as JSON, the size of every file of the page: raw, gzip, brotli, and whether the first load fetches it.
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';

const [dist] = process.argv.slice(2);
const names = fs.readdirSync(dist, { recursive: true }).filter((name) => fs.statSync(path.join(dist, name)).isFile()).sort();
const text = (name) => fs.readFileSync(path.join(dist, name), 'utf8');

// Fetched only once somebody asks what a field means.
const onDemand = new Set(['descriptions.txt']);
// What index.html names, what that names in turn, and so on.
const loaded = new Set(['index.html']);
for (const name of loaded) {
  if (!/\.(html|js|css)$/.test(name)) continue;
  const content = text(name);
  for (const other of names) {
    if (!other.startsWith('embed/') && !other.endsWith('.html') && !onDemand.has(other) && content.includes(path.basename(other))) loaded.add(other);
  }
}

const rows = names.map((name) => {
  const bytes = fs.readFileSync(path.join(dist, name));
  const brotli = zlib.brotliCompressSync(bytes, { params: { [zlib.constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } });
  return { name, first_load: loaded.has(name), raw: bytes.length, gzip: zlib.gzipSync(bytes, { level: 9 }).length, brotli: brotli.length };
});
console.log(JSON.stringify(rows));
