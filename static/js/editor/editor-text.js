/**
 * One of a lesson's files in CodeMirror, replacing its textarea, which is kept in sync for the form.
 *
 * It is in a shadow root: there CodeMirror uses constructed style sheets, which our CSP allows, whereas a
 * <style> element would be blocked. Colours come from the page's custom properties, which are inherited.
 */
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { markdown } from "@codemirror/lang-markdown";
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { EditorState } from "@codemirror/state";
import { EditorView, dropCursor, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";

import { toml } from "./editor-toml.js";
import { uploads } from "./editor-uploads.js";

export class SourceText {
  onChange = () => {};
  onSave = () => {};
  onCursor = () => {};
  onFiles = () => {};
  #area;

  constructor(area) {
    this.#area = area;
    this.name = area.name;
    const host = document.createElement("div");
    host.className = "source-host";
    const root = host.attachShadow({ mode: "open" });
    area.hidden = true;
    area.after(host);
    const label = document.querySelector(`label[for="${area.id}"]`);
    this.view = new EditorView({
      parent: root,
      root,
      state: EditorState.create({ doc: area.value, extensions: this.#extensions(area, label.textContent.trim()) }),
    });
    label.addEventListener("click", () => this.view.focus());
  }

  get value() {
    return this.view.state.doc.toString();
  }

  /** Replace the text; the cursor keeps its position if the two agree around it. */
  replace(text) {
    const old = this.value;
    if (old === text) return;
    let start = 0;
    while (start < old.length && start < text.length && old[start] === text[start]) start++;
    let tail = 0;
    while (tail < old.length - start && tail < text.length - start && old.at(-1 - tail) === text.at(-1 - tail)) tail++;
    this.view.dispatch({ changes: { from: start, to: old.length - tail, insert: text.slice(start, text.length - tail) } });
  }

  /** Move to a line (1-based) and take the focus. */
  goTo(line) {
    const target = this.view.state.doc.line(Math.min(Math.max(1, line), this.view.state.doc.lines));
    this.view.dispatch({ selection: { anchor: target.from, head: target.to }, effects: EditorView.scrollIntoView(target.from, { y: "center" }) });
    this.view.focus();
  }

  /** Mark the lines with faults of the course check; a fault without a line concerns the file. */
  showFaults(faults) {
    const { state } = this.view;
    const marks = faults.filter(({ line }) => line > 0 && line <= state.doc.lines).map(({ line, message, is_gap }) => {
      const { from, to } = state.doc.line(line);
      return { from, to, severity: is_gap ? "warning" : "error", message };
    });
    this.view.dispatch(setDiagnostics(state, marks));
  }

  #extensions(area, label) {
    const isMarkdown = area.name.endsWith(".md");
    return [
      lineNumbers(),
      lintGutter(),
      history(),
      dropCursor(),
      EditorView.lineWrapping,
      isMarkdown ? markdown() : toml,
      syntaxHighlighting(highlighting),
      highlightSelectionMatches(),
      search({ top: true }),
      keymap.of([{ key: "Mod-s", preventDefault: true, run: () => { this.onSave(); return true; } }, ...searchKeymap, ...historyKeymap, ...defaultKeymap]),
      EditorState.phrases.of(phrases()),
      EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0", spellcheck: "false", lang: area.lang || "en", autocapitalize: "off" }),
      uploads,
      theme,
      EditorView.updateListener.of((update) => this.#updated(update)),
      EditorView.domEventHandlers({
        paste: (event, view) => !event.clipboardData?.getData("text/plain") && this.#files(event.clipboardData, view.state.selection.main.from, event),
        drop: (event, view) => this.#files(event.dataTransfer, view.posAtCoords({ x: event.clientX, y: event.clientY }, false), event),
      }),
    ];
  }

  #updated(update) {
    if (update.docChanged) {
      this.#area.value = this.value;
      this.onChange();
    }
    if (update.docChanged || update.selectionSet || update.focusChanged) this.onCursor(update);
  }

  /** Files that are text come in as text; what else there is, the server judges by its content. */
  #files(transfer, position, event) {
    const files = [...(transfer?.files ?? [])];
    if (files.every(({ type, name }) => type.startsWith("text/") || /\.(md|toml|txt)$/i.test(name))) return false;
    event.preventDefault();
    this.onFiles(files, position);
    return true;
  }
}

/** CodeMirror's interface texts in the reader's language. */
export function phrases() {
  return JSON.parse(document.querySelector("[data-editor]").dataset.phrases);
}

export const theme = EditorView.theme({
  "&": { color: "var(--ink)", backgroundColor: "var(--paper-raised)", fontSize: "var(--text-s)", height: "100%" },
  "&.cm-focused": { outline: "2px solid var(--focus)", outlineOffset: "0" },
  ".cm-scroller": { fontFamily: "var(--font-code)", lineHeight: "1.7", overflow: "auto" },
  ".cm-content": { caretColor: "var(--ink)", padding: "0.75rem 0" },
  ".cm-gutters": { backgroundColor: "transparent", color: "var(--ink-faint)", border: "none", fontSize: "0.8em" },
  ".cm-selectionMatch": { backgroundColor: "var(--blossom-wash)" },
  ".cm-searchMatch": { backgroundColor: "var(--blossom-wash)", outline: "1px solid var(--line-strong)" },
  ".cm-searchMatch-selected": { backgroundColor: "var(--leaf-wash)" },
  ".cm-panels": { backgroundColor: "var(--paper-sunken)", color: "var(--ink)", borderBottom: "1px solid var(--line)" },
  ".cm-panel.cm-search": { padding: "0.5rem 2rem 0.5rem 0.5rem", fontFamily: "var(--font-text)" },
  ".cm-panel.cm-search label": { fontSize: "var(--text-xs)" },
  ".cm-textfield": { backgroundColor: "var(--paper-raised)", border: "1px solid var(--line-strong)", borderRadius: "var(--radius-s)", color: "var(--ink)", fontSize: "var(--text-s)" },
  ".cm-button": { backgroundImage: "none", backgroundColor: "transparent", border: "1px solid var(--line-strong)", borderRadius: "var(--radius-s)", color: "var(--leaf)", fontSize: "var(--text-xs)" },
  ".cm-panel.cm-search [name=close]": { color: "var(--ink-soft)", fontSize: "1.2rem" },
  ".cm-tooltip": { backgroundColor: "var(--paper-raised)", color: "var(--ink)", border: "1px solid var(--line-strong)", borderRadius: "var(--radius-s)", fontFamily: "var(--font-text)", maxWidth: "32rem" },
  ".cm-diagnostic-error": { borderLeftColor: "var(--fault)" },
  ".cm-dropCursor": { borderLeftColor: "var(--leaf)" },
  ".upload": { display: "flex", flexWrap: "wrap", alignItems: "center", gap: "0.15rem 0.75rem", margin: "0.35rem 0.75rem", padding: "0.35rem 0.75rem", border: "1px solid var(--line-strong)", borderRadius: "var(--radius-s)", backgroundColor: "var(--leaf-wash)", fontFamily: "var(--font-text)", fontSize: "var(--text-s)", lineHeight: "1.5", whiteSpace: "normal", overflowWrap: "anywhere" },
  ".upload[data-fault]": { borderColor: "var(--fault)", backgroundColor: "var(--fault-wash)" },
  ".upload progress": { accentColor: "var(--leaf)", flex: "1 1 6rem", maxWidth: "14rem" },
  ".upload bdi": { fontWeight: "600" },
  ".upload > span:last-child": { display: "flex", gap: "0.75rem", marginInlineStart: "auto" },
  ".upload button": { color: "var(--leaf)", background: "none", border: "0", padding: "0.3rem 0", font: "inherit", textDecoration: "underline", textUnderlineOffset: "0.2em", cursor: "pointer" },
  ".upload button:focus-visible": { outline: "2px solid var(--focus)", outlineOffset: "2px" },
  ".cm-changedLine": { backgroundColor: "var(--leaf-wash)" },
  ".cm-deletedChunk": { backgroundColor: "var(--fault-wash)" },
  ".cm-changedText": { background: "none", backgroundColor: "var(--blossom-wash)" },
});

export const highlighting = HighlightStyle.define([
  { tag: tags.heading, color: "var(--ink)", fontWeight: "700" },
  { tag: tags.strong, fontWeight: "700" },
  { tag: tags.emphasis, fontStyle: "italic" },
  { tag: [tags.link, tags.url], color: "var(--code-name)" },
  { tag: tags.monospace, color: "var(--code-string)" },
  { tag: [tags.processingInstruction, tags.contentSeparator, tags.meta], color: "var(--ink-faint)" },
  { tag: tags.quote, color: "var(--ink-soft)" },
  { tag: tags.comment, color: "var(--code-comment)" },
  { tag: tags.string, color: "var(--code-string)" },
  { tag: [tags.number, tags.bool], color: "var(--code-number)" },
  { tag: tags.propertyName, color: "var(--code-name)" },
  { tag: tags.keyword, color: "var(--code-keyword)" },
]);
