/** Two texts side by side, with differences marked. The right one is editable. */
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { MergeView } from "@codemirror/merge";
import { EditorState } from "@codemirror/state";
import { EditorView, keymap } from "@codemirror/view";

import { phrases, theme } from "./editor-text.js";

export function mergeView(parent, name, theirs, mine) {
  const heading = document.createElement("h3");
  heading.textContent = name;
  const host = document.createElement("div");
  host.className = "merge-host";
  const root = host.attachShadow({ mode: "open" });
  parent.append(heading, host);
  const common = [EditorView.lineWrapping, EditorState.phrases.of(phrases()), theme];
  return new MergeView({
    parent: root,
    root,
    a: { doc: theirs, extensions: [...common, EditorState.readOnly.of(true)] },
    b: { doc: mine, extensions: [...common, history(), keymap.of([...historyKeymap, ...defaultKeymap])] },
    collapseUnchanged: { margin: 3, minSize: 6 },
  });
}
