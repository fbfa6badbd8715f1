// The YAML editor: CodeMirror 6 with just the parts the page uses, behind one small object.
//
// This script puts `podgroundEditor` on the window and says so with a `podground-editor` event. It is loaded beside the
// page, not by it: where it does not load, the page keeps its plain text area.

import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentLess, indentMore } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, foldGutter, foldKeymap, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { Compartment, EditorSelection, EditorState, Prec } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, hoverTooltip, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { droppedFiles } from "./drop.js";
import { save, zip } from "./zip.js";

// Colours are the page's custom properties, so both themes come from one style sheet.
const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--code-key)" },
  { tag: [tags.string, tags.content], color: "var(--code-text)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--code-number)" },
  { tag: [tags.comment, tags.meta], color: "var(--code-comment)" },
  { tag: [tags.labelName, tags.typeName], color: "var(--code-number)" },
]);

const look = EditorView.theme({
  "&": { height: "100%", backgroundColor: "transparent", color: "var(--ink)" },
  ".cm-scroller": { fontFamily: "var(--mono)", fontSize: "12.5px", lineHeight: "1.62" },
  ".cm-content": { padding: "8px 0", caretColor: "var(--ink)" },
  ".cm-gutters": { backgroundColor: "transparent", color: "var(--faint)", border: "none" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--code-line)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  "&.cm-focused": { outline: "none" },
  ".cm-selectionBackground, &.cm-focused .cm-selectionBackground": { backgroundColor: "var(--code-selection) !important" },
});

/** The offset of a one-based line and column, kept inside the document. */
function offset(doc, line, column) {
  const at = doc.line(Math.min(Math.max(line, 1), doc.lines));
  return Math.min(at.from + Math.max(column, 1) - 1, at.to);
}

function range(doc, place) {
  const from = offset(doc, place.line, place.column);
  const to = offset(doc, place.end_line, place.end_column);
  return { from, to: Math.max(from, to) };
}

function toLint(doc, found) {
  const { from, to } = range(doc, found);
  const line = doc.lineAt(from);
  const actions = found.fix
    ? [{ name: found.fix.label, apply: (view) => applyFix(view, found.fix) }]
    : [];
  const message = found.hint ? `${found.message}\n${found.hint}` : found.message;
  return { from, to: to > from ? to : Math.min(line.to, from + 1), severity: found.severity, message, actions };
}

function applyFix(view, fix) {
  const changes = fix.edits.map((edit) => ({ ...range(view.state.doc, edit), insert: edit.replacement }));
  view.dispatch({ changes, userEvent: "input.fix" });
}

/** One-based line and column of an offset. */
function place(state, offset) {
  const line = state.doc.lineAt(offset);
  return { line: line.number, column: offset - line.from + 1 };
}

const home = document.currentScript?.src ?? document.baseURI;
let descriptions = null;

/** Brings the descriptions of fields, once somebody wants to read them. A page from a disk does without. */
function describeFields(ask) {
  if (location.protocol === "file:") return Promise.resolve();
  descriptions ??= fetch(new URL("descriptions.txt", home))
    .then((answer) => (answer.ok ? answer.text() : ""))
    .then((text) => { ask("descriptions", text); })
    .catch(() => {});
  return descriptions;
}

function completion(ask) {
  return async (context) => {
    const word = context.matchBefore(/[\w./-]*/);
    if (!context.explicit && word.from === word.to && !/[:-] $/.test(context.state.doc.lineAt(context.pos).text.slice(0, context.pos - context.state.doc.lineAt(context.pos).from))) return null;
    await describeFields(ask);
    const found = JSON.parse(ask("suggest", JSON.stringify({ text: context.state.doc.toString(), ...place(context.state, context.pos) })));
    if (found.list.length === 0) return null;
    const from = context.state.doc.lineAt(context.pos).from + found.from - 1;
    return {
      from,
      validFor: /^[\w./-]*$/,
      options: found.list.map(({ label, insert, detail, about }, at) => ({ label, apply: insert, detail, info: about || undefined, boost: -at / 10 })),
    };
  };
}

function hover(ask) {
  return hoverTooltip(async (view, offset) => {
    await describeFields(ask);
    const { text, from } = view.state.doc.lineAt(offset);
    const found = JSON.parse(ask("meaning", JSON.stringify({ text: view.state.doc.toString(), ...place(view.state, offset) })));
    if (!found) return null;
    const start = from + text.search(/[\w"']/);
    return {
      pos: Math.min(start, offset), end: offset, above: true,
      create() {
        const dom = document.createElement("div");
        dom.className = "field-doc";
        const add = (tag, words) => { if (words) dom.append(Object.assign(document.createElement(tag), { textContent: words })); };
        add("code", `${found.path} ${found.ty}`);
        add("p", found.about);
        add("small", found.values.length ? `One of ${found.values.join(", ")}` : "");
        return { dom };
      },
    };
  });
}

/** Whether a text is a page of Markdown with manifests in it. */
function isPage(text) {
  return /^\s*```/m.test(text) && /^\s*kind:/m.test(text);
}

function mount(parent, options, onChange, onApply, ask) {
  const states = new Map();
  let current = null;
  const readonly = new Compartment();

  const extensions = [
    Prec.highest(keymap.of([
      { key: "Mod-Enter", run: () => (onApply(), true) },
      { key: "Mod-s", run: () => (onApply(), true) },
    ])),
    lineNumbers(), foldGutter(), lintGutter(), highlightActiveLineGutter(), highlightActiveLine(), history(),
    drawSelection(), indentOnInput(), indentUnit.of("  "), bracketMatching(), closeBrackets(), autocompletion({ override: [completion(ask)], icons: false }), hover(ask),
    highlightSelectionMatches(), syntaxHighlighting(colours), look, yaml(),
    keymap.of([
      { key: "Mod-]", run: indentMore }, { key: "Mod-[", run: indentLess },
      ...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...foldKeymap,
      ...completionKeymap, ...lintKeymap,
    ]),
    EditorView.domEventHandlers({
      paste(event) {
        const text = event.clipboardData?.getData("text/plain") ?? "";
        if (!isPage(text)) return false;
        event.preventDefault();
        ask("page", text);
        return true;
      },
      drop(event) {
        if (!event.dataTransfer?.files.length) return false;
        event.preventDefault();
        droppedFiles(event.dataTransfer).then((files) => ask("files", JSON.stringify(files)));
        return true;
      },
    }),
    EditorView.contentAttributes.of({ "aria-label": options.label, tabindex: "0" }),
    readonly.of(EditorState.readOnly.of(Boolean(options.readonly))),
    EditorView.updateListener.of((update) => {
      if (update.docChanged && current !== null) onChange(current, update.state.doc.toString());
      if (update.selectionSet || update.docChanged) ask("line", String(update.state.doc.lineAt(update.state.selection.main.head).number));
    }),
  ];

  const view = new EditorView({ parent, state: EditorState.create({ extensions }) });

  /** Makes the document this text, changing no more than differs, so that the cursor stays where it is. */
  function replace(text) {
    const was = view.state.doc.toString();
    if (was === text) return;
    let from = 0;
    while (from < was.length && was[from] === text[from]) from += 1;
    let [to, end] = [was.length, text.length];
    while (to > from && end > from && was[to - 1] === text[end - 1]) [to, end] = [to - 1, end - 1];
    const heard = current;
    current = null;
    view.dispatch({ changes: { from, to, insert: text.slice(from, end) } });
    current = heard;
  }

  return {
    /** Shows a file; its undo history is kept while the page lives. Text that came from elsewhere is an edit like any. */
    open(id, text) {
      if (current === id) return replace(text);
      if (current !== null) states.set(current, view.state);
      const kept = states.get(id);
      current = id;
      view.setState(kept ?? EditorState.create({ doc: text, extensions }));
      replace(text);
    },
    /** Forgets the history of files that are no longer open. */
    keep(ids) {
      for (const id of [...states.keys()]) if (!ids.includes(id)) states.delete(id);
    },
    mark(found) {
      view.dispatch(setDiagnostics(view.state, found.map((each) => toLint(view.state.doc, each))));
    },
    reveal(line, column) {
      const at = offset(view.state.doc, line, column);
      view.dispatch({ selection: EditorSelection.cursor(at), effects: EditorView.scrollIntoView(at, { y: "center" }) });
      view.focus();
    },
    focus() { view.focus(); },
    destroy() { view.destroy(); },
  };
}

/** Offers files as one archive. `files` is a list of [name, content]. */
function download(name, files) {
  save(name, zip(files));
}

window.podgroundEditor = { mount, download };
window.dispatchEvent(new Event("podground-editor"));
