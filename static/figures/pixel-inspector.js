/**
 * A picture of 12 x 12 pixels under the magnifier: the three numbers of a pixel as they stand in memory, and what mirroring, turning,
 * moving, brightening (with and without an overflow) and a swap of the channels make of them, and of the picture's label.
 */
import { Figure, define, el, svg } from "../js/figure.js";

export const SIZE = 12;
const COLOURS = { ".": [255, 255, 255], r: [220, 40, 30], h: [250, 190, 180], g: [60, 140, 50], k: [40, 40, 40], b: [40, 90, 200] };
const DRAWINGS = {
  tomato: ["............", "............", ".....gg.....", "....gggg....", "...rrggrr...", "..rrrrrrrr..", "..rhhrrrrr..", "..rhhrrrrr..", "..rrrrrrrr..", "...rrrrrr...", "....rrrr....", "............"],
  six: ["............", "............", "......kk....", ".....kk.....", "....kk......", "....kk......", "....kkkk....", "....kk.kk...", "....kk.kk...", ".....kkk....", "............", "............"],
  arrow: ["............", "............", ".....b......", "....bb......", "...bbb......", "..bbbbbbbb..", "..bbbbbbbb..", "...bbb......", "....bb......", ".....b......", "............", "............"],
};
export const PICTURES = Object.keys(DRAWINGS);

/** 144 triples, row by row. */
export const pixelsOf = (picture) => DRAWINGS[picture].join("").split("").map((letter) => COLOURS[letter]);

/** Left and right changed over. */
export const mirrored = (pixels) => pixels.map((_, cell) => pixels[cell - (cell % SIZE) + SIZE - 1 - (cell % SIZE)]);

/** A quarter of a turn clockwise. */
export const turned = (pixels) => pixels.map((_, cell) => pixels[(SIZE - 1 - (cell % SIZE)) * SIZE + Math.floor(cell / SIZE)]);

/** Moved `by` cells to the right (or to the left); white comes in. */
export const moved = (pixels, by) => pixels.map((_, cell) => {
  const from = (cell % SIZE) - by;
  return from >= 0 && from < SIZE ? pixels[cell - by] : COLOURS["."];
});

/** A number of 0 to 255 and what is added: as eight bits keep it, or cut off at both ends. */
export const added = (value, light, beyond) => (beyond === "wrap" ? (((value + light) % 256) + 256) % 256 : Math.min(255, Math.max(0, value + light)));

/** The picture before its colours change. */
function placed({ picture, mirror, turns, shift }) {
  let pixels = pixelsOf(picture);
  if (mirror === "yes") pixels = mirrored(pixels);
  for (let turn = 0; turn < turns; turn++) pixels = turned(pixels);
  return moved(pixels, shift);
}

/** What is in memory after all changes, 144 triples in the order of RGB. */
export function changed(state) {
  return placed(state).map((pixel) => {
    const bright = pixel.map((value) => added(value, state.light, state.beyond));
    return state.order === "bgr" ? bright.reverse() : bright;
  });
}

/** Where the arrow points, after mirroring and then turning clockwise. */
export function pointsTo({ mirror, turns }) {
  return ["left", "up", "right", "down"][((mirror === "yes" ? 2 : 0) + turns) % 4];
}

/** What becomes of the label: "same", or what has happened to it. */
export function labelAfter(state) {
  const inside = (pixels) => pixels.filter((pixel) => pixel !== COLOURS["."]).length;
  const bright = changed(state);
  if (new Set(bright.map(String)).size === 1) return "nothing";
  if (inside(placed(state)) < inside(pixelsOf(state.picture))) return "cut";
  if (state.picture === "arrow" && pointsTo(state) !== "left") return pointsTo(state);
  if (state.picture === "six" && (state.mirror === "yes" || state.turns)) return state.mirror !== "yes" && state.turns === 2 ? "nine" : "no-digit";
  if (state.beyond === "wrap" && placed(state).flat().some((value) => added(value, state.light, "wrap") !== value + state.light)) return "wrapped";
  if (state.picture === "tomato" && state.order === "bgr") return "blue";
  return "same";
}

const CELL = 24, GRID = CELL * SIZE, PANEL = 190;
const FIELDS = [["mirror", ["no", "yes"]], ["beyond", ["clip", "wrap"]], ["order", ["rgb", "bgr"]], ["picture", PICTURES]];
const within = (value, low, high, otherwise) => (Number.isInteger(value) && value >= low && value <= high ? value : otherwise);

class PixelInspector extends Figure {
  static defaults = { picture: "tomato", row: 6, column: 3, mirror: "no", turns: 0, shift: 0, light: 0, beyond: "clip", order: "rgb" };

  /** The state, with the defaults for what makes no sense: an address may contain anything. */
  get settings() {
    const { state } = this, known = { ...PixelInspector.defaults };
    for (const [field, values] of FIELDS) if (values.includes(state[field])) known[field] = state[field];
    for (const [field, low, high] of [["row", 0, SIZE - 1], ["column", 0, SIZE - 1], ["turns", 0, 3], ["shift", -4, 4], ["light", -240, 240]]) known[field] = within(state[field], low, high, known[field]);
    return known;
  }

  render() {
    const { say } = this, tell = say.bind(this);
    this.root = this.stage.appendChild(svg("svg", { role: "application", tabindex: "0" }));
    this.root.style.cssText = "display:block;width:100%;touch-action:manipulation;cursor:crosshair";
    this.root.setAttribute("aria-label", tell("12 乘 12 个像素的图：方向键选一个像素，听它的三个数", "A picture of 12 by 12 pixels: arrow keys choose a pixel and tell its three numbers"));
    this.root.addEventListener("pointerdown", (event) => { if (event.pointerType === "mouse") this.#choose(event); });
    this.root.addEventListener("pointermove", (event) => { if (event.pointerType === "mouse" && event.buttons) this.#choose(event); });
    this.root.addEventListener("click", (event) => this.#choose(event));
    this.root.addEventListener("keydown", (event) => this.#key(event));
    this.verdict = this.stage.appendChild(el("p", {}));
    this.verdict.style.cssText = "margin:var(--space-3) 0 0;line-height:1.6;font-weight:600";
    const yesNo = [["no", tell("不翻", "no")], ["yes", tell("左右翻", "mirrored")]];
    this.controls.append(
      this.choice("picture", { label: tell("图", "Picture"), choices: [["tomato", tell("西红柿", "a tomato")], ["six", tell("数字 6", "a six")], ["arrow", tell("左箭头", "an arrow")]] }),
      this.slider("light", { label: tell("亮度：每个数加", "Brightness: add to every number"), min: -240, max: 240, step: 20, format: signed }),
      this.choice("beyond", { label: tell("超出 0–255", "Beyond 0–255"), choices: [["clip", tell("停在两头", "stop at the ends")], ["wrap", tell("绕回去（uint8）", "wrap around (uint8)")]] }),
      this.choice("order", { label: tell("次序", "Order"), choices: [["rgb", "RGB"], ["bgr", tell("BGR 当成 RGB", "BGR taken for RGB")]] }),
      this.choice("mirror", { label: tell("翻转", "Mirror"), choices: yesNo }),
      this.slider("turns", { label: tell("转几个四分之一圈", "Quarter turns"), min: 0, max: 3, step: 1 }),
      this.slider("shift", { label: tell("右移几格", "Cells to the right"), min: -4, max: 4, step: 1, format: signed }));
  }

  #choose(event) {
    const box = this.root.getBoundingClientRect(), scale = this.root.viewBox.baseVal.width / box.width;
    const column = Math.floor(((event.clientX - box.left) * scale - this.left) / CELL), row = Math.floor(((event.clientY - box.top) * scale - 2) / CELL);
    if (row < 0 || row >= SIZE || column < 0 || column >= SIZE) return;
    if (row !== this.state.row || column !== this.state.column) this.update({ row, column });
  }

  #key(event) {
    const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (!move) return;
    event.preventDefault();
    const { row, column } = this.settings;
    this.update({ row: within(row + move[0], 0, SIZE - 1, row), column: within(column + move[1], 0, SIZE - 1, column) });
  }

  draw() {
    const { settings } = this, width = Math.max(300, this.stage.clientWidth), isWide = width >= 560;
    const panel = isWide ? Math.min(300, width - GRID - 48) : GRID;
    this.left = isWide ? 2 : (width - GRID) / 2;
    const at = isWide ? { x: GRID + 40, y: 36 } : { x: this.left, y: GRID + 14 };
    const pixels = changed(settings), chosen = settings.row * SIZE + settings.column;
    const cells = pixels.map((pixel, cell) => svg("rect", { x: this.left + (cell % SIZE) * CELL, y: 2 + Math.floor(cell / SIZE) * CELL, width: CELL, height: CELL, fill: `rgb(${pixel})`, stroke: "rgb(128 128 128)", "stroke-width": 0.6 }));
    this.root.setAttribute("viewBox", `0 0 ${width} ${isWide ? GRID + 4 : GRID + 14 + PANEL}`);
    this.root.replaceChildren(...cells, ...frame(this.left + settings.column * CELL, 2 + settings.row * CELL),
      ...numbers(at, panel, pixels[chosen], this.say(`第 ${settings.row} 行，第 ${settings.column} 列`, `row ${settings.row}, column ${settings.column}`)),
      words(at.x, at.y + 180, this.#working(settings, chosen), { fill: "var(--ink-soft)" }));
    this.verdict.textContent = this.#verdict(settings);
    this.verdict.style.color = labelAfter(settings) === "same" ? "var(--leaf)" : "var(--fault)";
  }

  /** How the first number came about, if it was brightened: 200 + 100 = 300, 300 − 256 = 44. */
  #working(settings, chosen) {
    const { light, beyond } = settings;
    if (!light) return "";
    const value = placed(settings)[chosen][0], sum = value + light, sign = light < 0 ? "−" : "+";
    const begun = `${value} ${sign} ${Math.abs(light)} = ${minus(sum)}`;
    if (sum >= 0 && sum <= 255) return begun;
    return beyond === "wrap" ? `${begun} → ${added(value, light, "wrap")}` : `${begun} → ${sum < 0 ? 0 : 255}`;
  }

  #verdict(settings) {
    const direction = { up: ["上", "up"], right: ["右", "right"], down: ["下", "down"] }[labelAfter(settings)];
    if (direction) return this.say(`标签写着“左”，图上的箭头指着${direction[0]}：标签错了。`, `The label says “left”, and the arrow points ${direction[1]}: the label is wrong.`);
    return {
      same: this.say("标签不用改。", "The label still holds."),
      nothing: this.say("整张图只剩一种颜色：什么也认不出了。", "The whole picture is one colour: there is nothing left to recognise."),
      cut: this.say("主角被切掉了一块：再移，就没有东西可认了。", "A part of it has been cut off: any further, and nothing is left to recognise."),
      nine: this.say("标签写着 6，图上是 9：标签错了。", "The label says 6, and the picture is a 9: the label is wrong."),
      "no-digit": this.say("标签写着 6，图上不再是一个数字。", "The label says 6, and the picture is no digit any more."),
      wrapped: this.say("有些数装不下，绕了回去：亮的和暗的颠倒了。", "Some numbers did not fit and wrapped around: bright and dark have changed places."),
      blue: this.say("标签写着西红柿，世上没有这种颜色的西红柿。", "The label says tomato, and no tomato has this colour."),
    }[labelAfter(settings)];
  }

  describe() {
    const { settings } = this, [red, green, blue] = changed(settings)[settings.row * SIZE + settings.column];
    return this.say(
      `第 ${settings.row} 行第 ${settings.column} 列的像素：红 ${red}，绿 ${green}，蓝 ${blue}。${this.#verdict(settings)}`,
      `The pixel in row ${settings.row}, column ${settings.column}: red ${red}, green ${green}, blue ${blue}. ${this.#verdict(settings)}`);
  }
}

const minus = (number) => String(number).replace("-", "−");
const signed = (number) => (number > 0 ? `+${number}` : minus(number));
const words = (x, y, content, extra = {}) => svg("text", { x, y, "font-size": 15, fill: "currentColor", ...extra }, content);

/** Two lines around the chosen pixel, so that it shows on every colour. */
const frame = (x, y) => [["white", 5], ["black", 2]].map(([stroke, width]) => svg("rect", { x, y, width: CELL, height: CELL, fill: "none", stroke, "stroke-width": width }));

/** The pixel itself and its three numbers, each with a bar. */
function numbers(at, width, pixel, place) {
  const names = ["R", "G", "B"], hues = ["rgb(208 60 50)", "rgb(60 140 70)", "rgb(60 100 210)"], bar = width - 78;
  return [
    svg("rect", { x: at.x, y: at.y, width: 34, height: 34, rx: 4, fill: `rgb(${pixel})`, stroke: "var(--line-strong)" }),
    words(at.x + 46, at.y + 23, place),
    ...pixel.flatMap((value, i) => {
      const y = at.y + 54 + i * 36;
      return [
        words(at.x, y + 15, names[i], { "font-weight": 700 }),
        svg("rect", { x: at.x + 26, y, width: bar, height: 18, rx: 3, fill: "var(--paper-sunken)", stroke: "var(--line-strong)" }),
        svg("rect", { x: at.x + 26, y, width: Math.max(0.01, (bar * value) / 255), height: 18, rx: 3, fill: hues[i] }),
        words(at.x + width, y + 15, String(value), { "text-anchor": "end", "font-weight": 700 })];
    })];
}

define("pixel-inspector", PixelInspector);
