// Files and folders that were dropped onto the page, as names and texts.

/** The largest file that is read, in bytes. */
const LARGEST = 1 << 20;

const isManifest = (name) => /\.(ya?ml|json|md|sh|txt)$/i.test(name);

function entries(reader) {
  return new Promise((done) => {
    const all = [];
    const more = () => reader.readEntries((some) => {
      if (some.length === 0) return done(all);
      all.push(...some);
      return more();
    }, () => done(all));
    more();
  });
}

async function walk(entry, path, found) {
  const name = path + entry.name;
  if (entry.isDirectory) {
    for (const each of await entries(entry.createReader())) await walk(each, `${name}/`, found);
    return;
  }
  const file = await new Promise((done) => entry.file(done, () => done(null)));
  if (file && file.size <= LARGEST && (isManifest(name) || path === "")) found.push({ name, content: await file.text() });
}

/** What was dropped: every file at the top, and the manifests of folders. */
export async function droppedFiles(transfer) {
  // The list is only there while the event is handled.
  const roots = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  const found = [];
  for (const root of roots) await walk(root, "", found);
  return found.sort((a, b) => a.name.localeCompare(b.name));
}
