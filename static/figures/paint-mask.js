/**
 * Paint over the hedgehog: a mask of 12 x 12 pixels, with its pixel accuracy and its IoU beside it.
 *
 * A coarse pen paints aligned squares of 2 x 2 or 4 x 4, as a network answers that has halved its picture once or twice.
 */
import { Figure, define, svg } from "../js/figure.js";

export const SIZE = 12;
const HEDGEHOG = [[3, 3, 5], [4, 2, 6], [5, 2, 5]]; // row, first and last column
export const PENS = [1, 2, 4];

const everyCell = Array.from({ length: SIZE * SIZE }, (_, cell) => ({ row: Math.floor(cell / SIZE), column: cell % SIZE }));
export const TRUTH = everyCell.map(({ row, column }) => (HEDGEHOG.some(([at, first, last]) => row === at && column >= first && column <= last) ? "1" : "0")).join("");
export const NOTHING = "0".repeat(SIZE * SIZE);

/** 144 characters of "0" and "1"; nothing painted if the text is malformed, since an address may contain anything. */
export const readMask = (text) => (/^[01]{144}$/.test(text) ? text : NOTHING);

/** How many pixels are rightly painted, painted on the grass, and missed; the shares made of them. */
export function scores(mask) {
  let both = 0, extra = 0, missed = 0;
  for (let cell = 0; cell < mask.length; cell++) {
    const isPainted = mask[cell] === "1", isHedgehog = TRUTH[cell] === "1";
    both += isPainted && isHedgehog;
    extra += isPainted && !isHedgehog;
    missed += !isPainted && isHedgehog;
  }
  return { both, extra, missed, accuracy: 1 - (extra + missed) / mask.length, iou: both / (both + extra + missed) };
}

/** The mask one cell to the right; what leaves on the right is gone. */
export const movedRight = (mask) => everyCell.map(({ column }, cell) => (column ? mask[cell - 1] : "0")).join("");

/** The mask after the pen's square around `cell` has been painted or wiped. */
export function stroked(mask, cell, pen, value) {
  const at = everyCell[cell];
  const isHit = ({ row, column }) => Math.floor(row / pen) === Math.floor(at.row / pen) && Math.floor(column / pen) === Math.floor(at.column / pen);
  return everyCell.map((each, index) => (isHit(each) ? value : mask[index])).join("");
}

/** The mask of the highest IoU that this pen can paint: squares with the most hedgehog first, as long as it helps. */
export function bestMask(pen) {
  const corners = everyCell.map((_, cell) => cell).filter((cell) => everyCell[cell].row % pen === 0 && everyCell[cell].column % pen === 0);
  const hedgehog = (cell) => scores(stroked(NOTHING, cell, pen, "1")).both;
  let mask = NOTHING, best = NOTHING;
  for (const cell of corners.filter(hedgehog).sort((a, b) => hedgehog(b) - hedgehog(a))) {
    mask = stroked(mask, cell, pen, "1");
    if (scores(mask).iou > scores(best).iou) best = mask;
  }
  return best;
}

const CELL = 24, GRID = CELL * SIZE, GAP = 10;

class PaintMask extends Figure {
  static defaults = { mask: NOTHING, pen: "1" };

  get mask() { return readMask(this.state.mask); }
  get pen() { return PENS.includes(Number(this.state.pen)) ? Number(this.state.pen) : 1; }

  render() {
    this.cursor = { row: 3, column: 3, isSeen: false };
    this.root = this.stage.appendChild(svg("svg", { role: "application", tabindex: "0" }));
    this.root.style.cssText = "display:block;width:100%;touch-action:manipulation;cursor:crosshair";
    this.root.setAttribute("aria-label", this.say("12 乘 12 个像素的图：方向键选像素，空格键涂或擦", "A picture of 12 by 12 pixels: arrow keys choose a pixel, space paints or wipes it"));
    this.root.addEventListener("pointerdown", (event) => this.#press(event));
    this.root.addEventListener("pointermove", (event) => { if (this.value && event.buttons) this.#stroke(this.#cellAt(event), this.value); });
    this.root.addEventListener("pointerup", () => { this.value = ""; });
    this.root.addEventListener("click", (event) => { if (!this.isMouse) this.#toggle(this.#cellAt(event)); });
    this.root.addEventListener("keydown", (event) => this.#key(event));
    this.root.addEventListener("focus", () => this.#showCursor(this.root.matches(":focus-visible")));
    this.root.addEventListener("blur", () => this.#showCursor(false));
    this.controls.append(
      this.choice("pen", { label: this.say("笔", "Pen"), choices: PENS.map((pen) => [String(pen), `${pen}×${pen}`]) }),
      this.button(this.say("全说是草", "All grass"), () => this.update({ mask: NOTHING })),
      this.button(this.say("这支笔的最好成绩", "The best of this pen"), () => this.update({ mask: bestMask(this.pen) })),
      this.button(this.say("整片右移一格", "Move it one cell right"), () => this.update({ mask: movedRight(this.mask) })));
  }

  /** A mouse paints as it is dragged; a finger taps, so that it can still scroll the page. */
  #press(event) {
    this.isMouse = event.pointerType === "mouse";
    const cell = this.#cellAt(event);
    if (!this.isMouse || cell === null) return;
    this.value = this.mask[cell] === "1" ? "0" : "1";
    this.#stroke(cell, this.value);
  }

  #cellAt(event) {
    const box = this.root.getBoundingClientRect(), scale = this.root.viewBox.baseVal.width / box.width;
    const column = Math.floor(((event.clientX - box.left) * scale - this.left) / CELL), row = Math.floor(((event.clientY - box.top) * scale - 1) / CELL);
    return row >= 0 && row < SIZE && column >= 0 && column < SIZE ? row * SIZE + column : null;
  }

  #toggle(cell) { if (cell !== null) this.#stroke(cell, this.mask[cell] === "1" ? "0" : "1"); }

  #stroke(cell, value) {
    if (cell === null || this.mask[cell] === value) return;
    this.update({ mask: stroked(this.mask, cell, this.pen, value) });
  }

  #key(event) {
    const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    const { cursor } = this;
    if (move) {
      cursor.row = Math.min(SIZE - 1, Math.max(0, cursor.row + move[0]));
      cursor.column = Math.min(SIZE - 1, Math.max(0, cursor.column + move[1]));
      this.#showCursor(true);
      this.announcer.textContent = this.say(`第 ${cursor.row + 1} 行第 ${cursor.column + 1} 列`, `Row ${cursor.row + 1}, column ${cursor.column + 1}`);
    } else if (event.key === " " || event.key === "Enter") this.#toggle(cursor.row * SIZE + cursor.column);
    else return;
    event.preventDefault();
  }

  #showCursor(isSeen) {
    this.cursor.isSeen = isSeen;
    this.draw();
  }

  draw() {
    const width = Math.max(300, this.stage.clientWidth), isWide = width >= 640, bars = isWide ? width - GRID - 60 : GRID;
    this.left = isWide ? 1 : (width - GRID) / 2;
    const height = isWide ? GRID + 2 : GRID + GAP + 118, at = isWide ? { x: GRID + 46, y: 84 } : { x: this.left, y: GRID + GAP };
    const { mask, cursor } = this, found = scores(mask);
    const parts = everyCell.map(({ row, column }, cell) => pixel(this.left + column * CELL, 1 + row * CELL, mask[cell] === "1", TRUTH[cell] === "1"));
    this.root.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.root.replaceChildren(...parts.flat(), ...outline(this.left), ...grid(this.left, this.pen),
      ...(cursor.isSeen ? [svg("rect", { x: this.left + cursor.column * CELL - 1, y: cursor.row * CELL, width: CELL + 2, height: CELL + 2, fill: "none", stroke: "var(--focus)", "stroke-width": 3.5 })] : []),
      ...bar(at.x, at.y, bars, this.say("准确率", "pixel accuracy"), found.accuracy, "var(--series-1)"),
      ...bar(at.x, at.y + 46, bars, "IoU", found.iou, "var(--leaf)"),
      words(at.x, at.y + 108, this.say(`对上 ${found.both}　多涂 ${found.extra}　漏涂 ${found.missed}`, `both ${found.both}   too much ${found.extra}   missed ${found.missed}`), {}));
  }

  describe() {
    const { both, extra, missed, accuracy, iou } = scores(this.mask);
    return this.say(
      `${this.pen}×${this.pen} 的笔。12 个刺猬像素里涂对 ${both} 个，漏涂 ${missed} 个，草上多涂 ${extra} 个。准确率 ${accuracy.toFixed(3)}，IoU ${iou.toFixed(3)}。`,
      `A pen of ${this.pen}×${this.pen}. Of the hedgehog's 12 pixels ${both} are painted and ${missed} missed; ${extra} are painted on the grass. Pixel accuracy ${accuracy.toFixed(3)}, IoU ${iou.toFixed(3)}.`);
  }
}

/** Grass is empty, the hedgehog has spines; a painted pixel is filled, and crossed where it is wrong. */
function pixel(x, y, isPainted, isHedgehog) {
  const fill = isPainted ? (isHedgehog ? "var(--leaf)" : "var(--fault-wash)") : isHedgehog ? "var(--paper-sunken)" : "var(--paper-raised)";
  const found = [svg("rect", { x, y, width: CELL, height: CELL, fill })];
  if (isHedgehog) found.push(svg("path", { d: `M${x + 6} ${y + 17}l4 -10M${x + 14} ${y + 17}l4 -10`, stroke: isPainted ? "var(--on-leaf)" : "var(--ink-soft)", "stroke-width": 1.6 }));
  else if (isPainted) found.push(svg("path", { d: `M${x + 7} ${y + 7}l10 10m0 -10l-10 10`, stroke: "var(--fault)", "stroke-width": 2 }));
  return found;
}

const grid = (left, pen) => Array.from({ length: SIZE + 1 }, (_, i) => {
  const isPens = i % pen === 0, line = { stroke: isPens && pen > 1 ? "var(--line-strong)" : "var(--line)", "stroke-width": isPens && pen > 1 ? 1.5 : 1 };
  return [
    svg("line", { x1: left, x2: left + GRID, y1: 1 + i * CELL, y2: 1 + i * CELL, ...line }),
    svg("line", { x1: left + i * CELL, x2: left + i * CELL, y1: 1, y2: 1 + GRID, ...line })];
}).flat();

/** The line around the hedgehog. */
function outline(left) {
  const is = (row, column) => row >= 0 && row < SIZE && column >= 0 && column < SIZE && TRUTH[row * SIZE + column] === "1";
  const found = [];
  for (const { row, column } of everyCell) {
    if (!is(row, column)) continue;
    const x = left + column * CELL, y = 1 + row * CELL;
    if (!is(row - 1, column)) found.push(`M${x} ${y}h${CELL}`);
    if (!is(row + 1, column)) found.push(`M${x} ${y + CELL}h${CELL}`);
    if (!is(row, column - 1)) found.push(`M${x} ${y}v${CELL}`);
    if (!is(row, column + 1)) found.push(`M${x + CELL} ${y}v${CELL}`);
  }
  return [svg("path", { d: found.join(""), stroke: "var(--ink)", "stroke-width": 3, "stroke-linecap": "square", fill: "none" })];
}

const words = (x, y, content, extra) => svg("text", { x, y, "font-size": 14, fill: "var(--ink-soft)", ...extra }, content);

function bar(x, y, width, name, share, colour) {
  return [
    words(x, y + 14, name, {}),
    words(x + width, y + 14, share.toFixed(3), { "text-anchor": "end", fill: "var(--ink)", "font-weight": 700 }),
    svg("rect", { x, y: y + 20, width, height: 12, rx: 3, fill: "var(--paper-sunken)", stroke: "var(--line-strong)" }),
    svg("rect", { x, y: y + 20, width: Math.max(0.01, width * share), height: 12, rx: 3, fill: colour })];
}

define("paint-mask", PaintMask);
