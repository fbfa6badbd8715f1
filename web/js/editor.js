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
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";

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

function mount(parent, options, onChange, onApply) {
  const states = new Map();
  let current = null;
  const readonly = new Compartment();

  const extensions = [
    Prec.highest(keymap.of([
      { key: "Mod-Enter", run: () => (onApply(), true) },
      { key: "Mod-s", run: () => (onApply(), true) },
    ])),
    lineNumbers(), foldGutter(), lintGutter(), highlightActiveLineGutter(), highlightActiveLine(), history(),
    drawSelection(), indentOnInput(), indentUnit.of("  "), bracketMatching(), closeBrackets(), autocompletion(),
    highlightSelectionMatches(), syntaxHighlighting(colours), look, yaml(),
    keymap.of([
      { key: "Mod-]", run: indentMore }, { key: "Mod-[", run: indentLess },
      ...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...foldKeymap,
      ...completionKeymap, ...lintKeymap,
    ]),
    EditorView.contentAttributes.of({ "aria-label": options.label, tabindex: "0" }),
    readonly.of(EditorState.readOnly.of(Boolean(options.readonly))),
    EditorView.updateListener.of((update) => {
      if (update.docChanged && current !== null) onChange(current, update.state.doc.toString());
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

window.podgroundEditor = { mount };
window.dispatchEvent(new Event("podground-editor"));
