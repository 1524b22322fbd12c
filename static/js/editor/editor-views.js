/**
 * Which of the texts, and the preview, are shown. Where there is room they stand beside each other, each switched on and
 * off by its button; on a phone there is one at a time, and the buttons are tabs. The choice is remembered in this browser.
 */
import { Splitters } from "./editor-splitters.js";
import { remember, remembered } from "./editor-memory.js";

const KEY = "sophora-editor-views";
const MOVES = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -1, ArrowDown: 1 };

/** Returns `reveal(name)`, which brings a pane into view. */
export function startViews(page, texts) {
  const group = page.querySelector("[data-views]");
  const buttons = [...group.querySelectorAll("[data-view]")];
  const row = page.querySelector("[data-panes]");
  const panes = new Map([...row.querySelectorAll("[data-pane]")].map((pane) => [pane.dataset.pane, pane]));
  const known = buttons.map((button) => button.dataset.view);
  const splitters = new Splitters(row, page.dataset.textSplitter);
  const narrow = matchMedia("(max-width: 55.99rem)");
  const own = page.dataset.language === "en" ? "en.md" : "zh.md";
  let names = chosenBefore(known) ?? usual(own);
  let current = own;

  const show = () => {
    const isNarrow = narrow.matches;
    const shown = isNarrow ? [current] : names;
    group.setAttribute("role", isNarrow ? "tablist" : "group");
    for (const button of buttons) mark(button, panes.get(button.dataset.view), { isNarrow, shown });
    for (const [name, pane] of panes) pane.hidden = !shown.includes(name);
    row.toggleAttribute("data-beside", !isNarrow);
    splitters.lay(isNarrow ? [] : shown.map((name) => panes.get(name)));
    for (const name of shown) texts.get(name)?.view.requestMeasure();
  };
  const choose = (chosen) => {
    if (!chosen.length) return;
    names = known.filter((name) => chosen.includes(name));
    remember(KEY, names);
    show();
  };
  const open = (name) => {
    current = name;
    show();
  };

  group.addEventListener("click", (event) => {
    const name = event.target.closest("[data-view]")?.dataset.view;
    if (!name) return;
    if (narrow.matches) open(name);
    else choose(names.includes(name) ? names.filter((other) => other !== name) : [...names, name]);
  });
  group.addEventListener("keydown", (event) => {
    if (!narrow.matches) return;
    const at = known.indexOf(current);
    const next = { Home: 0, End: known.length - 1 }[event.key] ?? (event.key in MOVES ? (at + MOVES[event.key] + known.length) % known.length : -1);
    if (next < 0) return;
    event.preventDefault();
    open(known[next]);
    buttons[next].focus();
  });
  narrow.addEventListener("change", show);
  show();

  return (name) => {
    if (narrow.matches) open(name);
    else if (!names.includes(name)) choose([...names, name]);
  };
}

/** A tab of the one pane on a phone, else a switch of its own. The last pane cannot be switched off. */
function mark(button, pane, { isNarrow, shown }) {
  const isShown = shown.includes(button.dataset.view);
  const set = (element, name, value) => (value === null ? element.removeAttribute(name) : element.setAttribute(name, value));
  set(button, "role", isNarrow ? "tab" : null);
  set(button, "aria-selected", isNarrow ? String(isShown) : null);
  set(button, "aria-controls", isNarrow ? pane.id : null);
  set(button, "tabindex", isNarrow && !isShown ? "-1" : null);
  set(button, "aria-pressed", isNarrow ? null : String(isShown));
  set(button, "aria-disabled", !isNarrow && isShown && shown.length === 1 ? "true" : null);
  set(pane, "role", isNarrow ? "tabpanel" : null);
}

function chosenBefore(known) {
  const names = remembered(KEY);
  const kept = Array.isArray(names) ? known.filter((name) => names.includes(name)) : [];
  return kept.length ? kept : null;
}

/** Both languages and the preview where there is room for three; else one language and the preview. */
function usual(own) {
  return innerWidth >= 1500 ? ["zh.md", "en.md", "preview"] : [own, "preview"];
}
