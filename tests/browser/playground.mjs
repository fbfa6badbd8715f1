// The page as a person uses it: the only file of these tests that knows its attributes.
import { holds, until } from './harness.mjs';

/** Opens the page and waits until the cluster is drawn. Nothing is applied yet: a first visit would start with an example at work. */
export async function open(page, address) {
  const url = new URL(address);
  if (!url.searchParams.has('autoplay') && !url.pathname.includes('/embed/')) url.searchParams.set('autoplay', '0');
  await page.goto(url.href);
  await until('the nodes of the cluster', page, () => document.querySelector('[data-node]'));
}

/** The names of the nodes that are shown. */
export function nodes(page) {
  return page.locator('[data-node]').evaluateAll((cards) => cards.map((card) => card.dataset.node));
}

/** Closes every file but one. */
export async function keepOneFile(page) {
  for (let left = (await page.locator('[data-file-tab]').count()) - 1; left > 0; left -= 1) {
    await page.locator('[data-action="close-file"]').click();
    await until(`${left} files`, page, (count) => document.querySelectorAll('[data-file-tab]').length === count, left);
  }
}

/** Replaces the text of the file in front, as a paste from the clipboard does. */
export async function paste(page, text) {
  const content = page.locator('[data-editor] .cm-content');
  await content.click();
  await page.keyboard.press('ControlOrMeta+A');
  if (text === '') return page.keyboard.press('Delete');
  await content.evaluate((element, pasted) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', pasted);
    element.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  }, text);
}

/** Presses Apply. */
export function apply(page) {
  return page.locator('[data-action="apply"]').click();
}

/** Makes time run ten times as fast: short waits, and still every state is drawn. */
export function fastForward(page) {
  return page.locator('select[data-action="speed"]').selectOption('10000');
}

/** Waits until a pod is Running and ready, and gives the node it is drawn on. */
export function ready(page, pod) {
  return until(`pod ${pod} to be ready on a node`, page, (key) => {
    const tile = document.querySelector(`[data-node] [data-pod="${key}"][data-status="Running"][data-ready="true"]`);
    return tile?.closest('[data-node]').dataset.node;
  }, pod);
}

/** Waits until every node holds exactly one ready pod whose key starts with `prefix`. */
export function oneOnEachNode(page, prefix, count) {
  return until(`one ready ${prefix}* on each of ${count} nodes`, page, ([start, wanted]) => {
    const cards = [...document.querySelectorAll('[data-node]')];
    const each = cards.map((card) => [...card.querySelectorAll('[data-pod]')].filter((tile) => tile.dataset.pod.startsWith(start)));
    return cards.length === wanted && each.every((tiles) => tiles.length === 1 && tiles[0].dataset.ready === 'true');
  }, [prefix, count]);
}

/** Takes a node out of the cluster with its own button, and waits until it is gone. */
export async function removeNode(page, name) {
  await page.locator(`[data-node="${name}"] [data-action="remove-node"]`).click();
  await until(`node ${name} to be gone`, page, (node) => !document.querySelector(`[data-node="${node}"]`), name);
}

/** What the page says is wrong with the text, as it shows it. */
export async function problems(page) {
  const shown = '[data-problems]:not([data-problems="0"])';
  await until('a problem', page, (selector) => document.querySelector(selector), shown);
  return page.locator(shown).innerText();
}

/** Waits until the page finds nothing wrong with the text. */
export function noProblems(page) {
  return until('no problems', page, () => document.querySelector('[data-problems="0"]'));
}

/** From now on the page writes down, at every change, which pods are ready when a pod first appears. */
export function watchArrivals(page) {
  return page.evaluate(() => {
    window.arrivals = [];
    const look = () => {
      const tiles = [...document.querySelectorAll('[data-node] [data-pod]')];
      const readyNow = tiles.filter((tile) => tile.dataset.ready === 'true').map((tile) => tile.dataset.pod).sort();
      for (const { dataset } of tiles) {
        if (!window.arrivals.some(({ pod }) => pod === dataset.pod)) window.arrivals.push({ pod: dataset.pod, readyThen: readyNow });
      }
    };
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true });
    look();
  });
}

/** What `watchArrivals` wrote down about pods whose key starts with `prefix`: each pod, and those of them ready when it came. */
export async function arrivals(page, prefix) {
  const all = await page.evaluate(() => window.arrivals);
  holds('arrivals are watched', Array.isArray(all));
  return all.filter(({ pod }) => pod.startsWith(prefix)).map(({ pod, readyThen }) => [pod, readyThen.filter((key) => key.startsWith(prefix))]);
}

/** Types a command into the console and sends it. */
export async function command(page, text) {
  await page.locator('[data-prompt]').fill(text);
  await page.locator('[data-prompt]').press('Enter');
}

/** Waits until the console shows a text. */
export function printed(page, text) {
  return until(`the console to say ${text}`, page, (wanted) => document.querySelector('[data-console]').textContent.includes(wanted), text);
}
