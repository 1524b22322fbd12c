/**
 * Ten small digits through a gap of a few numbers, by principal components: the best that a straight method can do. All of it
 * is computed here; with noise, what the gap lets through is nearly the clean digit.
 */
import { Figure, define, svg } from "../js/figure.js";

export const WIDTH = 5;
export const HEIGHT = 7;
const DRAWN = [
  "01110 10001 10011 10101 11001 10001 01110", "00100 01100 00100 00100 00100 00100 01110", "01110 10001 00001 00110 01000 10000 11111",
  "11110 00001 00001 01110 00001 00001 11110", "00010 00110 01010 10010 11111 00010 00010", "11111 10000 11110 00001 00001 10001 01110",
  "00110 01000 10000 11110 10001 10001 01110", "11111 00001 00010 00100 01000 01000 01000", "01110 10001 10001 01110 10001 10001 01110",
  "01110 10001 10001 01111 00001 00010 01100",
];
export const DIGITS = DRAWN.map((rows) => [...rows.replaceAll(" ", "")].map(Number));
/** Ten points less their mean span nine directions. */
export const MOST = DIGITS.length - 1;

const dot = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0);
const MEAN = DIGITS[0].map((_, i) => DIGITS.reduce((sum, digit) => sum + digit[i], 0) / DIGITS.length);
const CENTRED = DIGITS.map((digit) => digit.map((value, i) => value - MEAN[i]));

/** Orthonormal directions, the one along which the digits differ most first: by power iteration, each without those before it. */
function directions() {
  const found = [];
  for (let k = 0; k < MOST; k++) {
    let direction = CENTRED[k].map((value, i) => value + 0.01 * Math.sin(i + k));
    for (let step = 0; step < 400; step++) {
      const next = direction.map(() => 0);
      for (const digit of CENTRED) {
        const along = dot(digit, direction);
        digit.forEach((value, i) => { next[i] += along * value; });
      }
      for (const other of found) {
        const along = dot(next, other);
        other.forEach((value, i) => { next[i] -= along * value; });
      }
      const length = Math.sqrt(dot(next, next));
      direction = next.map((value) => value / length);
    }
    found.push(direction);
  }
  return found;
}

const DIRECTIONS = directions();

/** A picture as `count` numbers give it back. */
export function squeezed(picture, count) {
  const centred = picture.map((value, i) => value - MEAN[i]), back = [...MEAN];
  for (const direction of DIRECTIONS.slice(0, count)) {
    const along = dot(centred, direction);
    direction.forEach((value, i) => { back[i] += along * value; });
  }
  return back;
}

/** The mean of the squared differences. */
export const error = (one, other) => one.reduce((sum, value, i) => sum + (value - other[i]) ** 2, 0) / one.length;

/** Specks that are always the same for a digit: about every fifth pixel is turned over. */
export const noisy = (digit) => DIGITS[digit].map((value, i) => ((i * 7 + digit * 3) % 11 < 2 ? 1 - value : value));

class Squeeze extends Figure {
  static defaults = { digit: 3, count: 2, noise: "none" };

  get digit() { return Math.min(DIGITS.length - 1, Math.max(0, Math.round(Number(this.state.digit) || 0))); }
  get count() { return Math.min(MOST, Math.max(1, Math.round(Number(this.state.count) || 1))); }
  get isNoisy() { return this.state.noise === "noise"; }

  render() {
    this.root = this.stage.appendChild(svg("svg", { role: "img" }));
    this.root.style.cssText = "display:block;width:100%;max-width:34rem;margin-inline:auto";
    this.controls.append(
      this.slider("digit", { label: this.say("数字", "Digit"), min: 0, max: 9, step: 1 }),
      this.slider("count", { label: this.say("只用几个数", "How many numbers"), min: 1, max: MOST, step: 1 }),
      this.choice("noise", { label: this.say("放进去的", "What goes in"), choices: [["none", this.say("干净的", "clean")], ["noise", this.say("撒了麻点的", "with specks")]] }));
  }

  draw() {
    const { digit, count } = this, given = this.isNoisy ? noisy(digit) : DIGITS[digit], back = squeezed(given, count);
    const cell = 26, left = 14, right = 14 + WIDTH * cell + 110, top = 34, width = right + WIDTH * cell + 14;
    const picture = (values, x) => values.map((value, i) => svg("rect", {
      x: x + (i % WIDTH) * cell, y: top + Math.floor(i / WIDTH) * cell, width: cell - 1, height: cell - 1,
      fill: "var(--ink)", "fill-opacity": Math.min(1, Math.max(0, value)), stroke: "var(--line)", "stroke-width": 0.5,
    }));
    const word = (x, y, words, extra = {}) => svg("text", { x, y, "font-size": 14, "text-anchor": "middle", fill: "currentColor", ...extra }, words);
    const middle = (left + WIDTH * cell + right) / 2, bottom = top + HEIGHT * cell;
    this.root.setAttribute("viewBox", `0 0 ${width} ${bottom + 34}`);
    this.root.setAttribute("aria-label", this.describe());
    this.root.replaceChildren(
      ...picture(given, left), ...picture(back, right),
      word(left + WIDTH * cell / 2, 22, this.say("放进去", "in")), word(right + WIDTH * cell / 2, 22, this.say("还原", "back")),
      svg("path", { d: `M${left + WIDTH * cell + 8} ${top}L${middle - 8} ${top + 70}V${bottom - 70}L${left + WIDTH * cell + 8} ${bottom}M${right - 8} ${top}L${middle + 8} ${top + 70}V${bottom - 70}L${right - 8} ${bottom}`, stroke: "var(--line-strong)", fill: "none", "stroke-width": 2 }),
      word(middle, (top + bottom) / 2 + 5, String(count), { "font-weight": 700, fill: "var(--leaf)" }),
      word(width / 2, bottom + 24, this.say(`跟干净的差 ${error(back, DIGITS[digit]).toFixed(3)}`, `differs from the clean one by ${error(back, DIGITS[digit]).toFixed(3)}`), { "font-weight": 700 }));
  }

  describe() {
    const { digit, count } = this, clean = DIGITS[digit], given = this.isNoisy ? noisy(digit) : clean;
    const before = error(given, clean).toFixed(3), after = error(squeezed(given, count), clean).toFixed(3);
    return this.say(
      `数字 ${digit}，${this.isNoisy ? "撒了麻点" : "干净的"}，只用 ${count} 个数还原。跟干净的相比，放进去的差 ${before}，还原的差 ${after}。`,
      `Digit ${digit}, ${this.isNoisy ? "with specks" : "clean"}, given back from ${count} ${count === 1 ? "number" : "numbers"}. Compared with the clean one, what went in differs by ${before}, what came back by ${after}.`);
  }
}

define("squeeze", Squeeze);
