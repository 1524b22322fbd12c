/**
 * Splitters between panes that stand beside each other: dragged, or moved by the arrow keys (with Shift in longer steps), by
 * Home and End; Enter or a double click makes both panes equally wide. Widths are remembered in this browser.
 */
import { remember, remembered } from "./editor-memory.js";

const KEY = "sophora-editor-widths";
/** In percent of the two panes beside a splitter. */
const LEAST = 20;
const STEP = 2;
const LONG_STEP = 10;

/** The two panes' widths when the left one takes `percent` of what they have together. */
export function divided(left, right, percent) {
  const share = Math.min(100 - LEAST, Math.max(LEAST, percent)) / 100;
  return [(left + right) * share, (left + right) * (1 - share)];
}

/** Where a key moves a splitter from `percent`; null for a key that does not. */
export function moved(percent, { key, shiftKey }) {
  const step = shiftKey ? LONG_STEP : STEP;
  switch (key) {
    case "ArrowLeft": return percent - step;
    case "ArrowRight": return percent + step;
    case "Home": return LEAST;
    case "End": return 100 - LEAST;
    case "Enter": return 50;
    default: return null;
  }
}

export class Splitters {
  #row;
  #label;
  #widths;

  /** `label` names the panes of a splitter: "… {left} … {right} …". */
  constructor(row, label) {
    this.#row = row;
    this.#label = label;
    const kept = Object.entries(remembered(KEY) ?? {}).filter(([, width]) => width > 0 && Number.isFinite(width));
    this.#widths = new Map(kept);
  }

  /** Put one between each two of `panes`, which are the ones shown, in order. */
  lay(panes) {
    for (const old of this.#row.querySelectorAll(".splitter")) old.remove();
    for (const [index, pane] of panes.entries()) {
      pane.style.flexGrow = String(this.#width(pane));
      if (index) pane.before(this.#splitter(panes[index - 1], pane));
    }
  }

  #width(pane) {
    return this.#widths.get(pane.dataset.pane) ?? 1;
  }

  #percent(left, right) {
    return (100 * this.#width(left)) / (this.#width(left) + this.#width(right));
  }

  #splitter(left, right) {
    const splitter = document.createElement("div");
    splitter.className = "splitter";
    splitter.tabIndex = 0;
    const label = this.#label.replace("{left}", left.ariaLabel).replace("{right}", right.ariaLabel);
    const attributes = { role: "separator", "aria-orientation": "vertical", "aria-controls": left.id, "aria-label": label, "aria-valuemin": LEAST, "aria-valuemax": 100 - LEAST };
    for (const [name, value] of Object.entries(attributes)) splitter.setAttribute(name, value);

    const move = (percent) => {
      const [first, second] = divided(this.#width(left), this.#width(right), percent);
      for (const [pane, width] of [[left, first], [right, second]]) {
        this.#widths.set(pane.dataset.pane, width);
        pane.style.flexGrow = String(width);
      }
      say();
    };
    const say = () => splitter.setAttribute("aria-valuenow", Math.round(this.#percent(left, right)));
    const keep = () => remember(KEY, Object.fromEntries(this.#widths));

    splitter.addEventListener("keydown", (event) => {
      const percent = moved(this.#percent(left, right), event);
      if (percent === null) return;
      event.preventDefault();
      move(percent);
      keep();
    });
    splitter.addEventListener("dblclick", () => { move(50); keep(); });
    splitter.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      event.preventDefault(); // no text is selected on the way
      splitter.focus({ focusVisible: false });
      splitter.setPointerCapture(event.pointerId);
    });
    splitter.addEventListener("pointermove", (event) => {
      if (!splitter.hasPointerCapture(event.pointerId)) return;
      const start = left.getBoundingClientRect().left;
      const room = right.getBoundingClientRect().right - start - splitter.offsetWidth;
      if (room > 0) move((100 * (event.clientX - start - splitter.offsetWidth / 2)) / room);
    });
    splitter.addEventListener("lostpointercapture", keep);
    say();
    return splitter;
  }
}
