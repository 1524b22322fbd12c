/**
 * A leak, shown on nothing but noise: the columns that look most useful are chosen by all rows, or by the training rows alone,
 * and vote on the test rows. All of it is computed here.
 */
import { Figure, define, svg } from "../js/figure.js";
import { randomOf } from "../js/random.js";

export const ROWS = 60;
export const CHOSEN = 10;
export const DRAWS = 20;
/** The slider's stops; `state.columns` is an index into this list. */
export const COLUMNS = [10, 30, 100, 300, 1000];

/** The share of test rows that come out right; `peek`: all rows choose the columns, not only the first half. */
export function exam(seed, columns, peek) {
  const random = randomOf(seed), half = ROWS / 2, label = (row) => (row % 2 ? -1 : 1);
  const found = [];
  for (let column = 0; column < columns; column++) {
    const values = Float64Array.from({ length: ROWS }, () => random() - 0.5);
    let match = 0;
    for (let row = 0; row < (peek ? ROWS : half); row++) match += values[row] * label(row);
    found.push({ values, match });
  }
  const best = found.sort((a, b) => Math.abs(b.match) - Math.abs(a.match)).slice(0, CHOSEN);
  let right = 0;
  for (let row = half; row < ROWS; row++) {
    const vote = best.reduce((sum, { values, match }) => sum + values[row] * Math.sign(match), 0);
    right += Math.sign(vote) === label(row);
  }
  return right / half;
}

/** DRAWS of them, and their mean. */
export function exams(columns, peek) {
  const all = Array.from({ length: DRAWS }, (_, i) => exam(i + 1, columns, peek));
  return { all, mean: all.reduce((sum, each) => sum + each, 0) / DRAWS };
}

class Leak extends Figure {
  static defaults = { columns: 2, order: "choose" };

  get columns() { return COLUMNS[this.state.columns] ?? COLUMNS[Leak.defaults.columns]; }
  get peeks() { return this.state.order !== "split"; }

  render() {
    this.root = this.stage.appendChild(svg("svg", { role: "img" }));
    this.root.style.cssText = "display:block;width:100%";
    this.controls.append(
      this.choice("order", {
        label: this.say("次序", "Order"),
        choices: [["choose", this.say("先挑后分", "choose, then split")], ["split", this.say("先分后挑", "split, then choose")]],
      }),
      this.slider("columns", { label: this.say("噪声列数", "Columns of noise"), min: 0, max: COLUMNS.length - 1, step: 1, format: (stop) => String(COLUMNS[stop] ?? "") }));
  }

  draw() {
    const width = Math.max(280, this.stage.clientWidth), left = 16, right = width - 16, height = 170, axis = 128;
    const x = (share) => left + share * (right - left);
    const { all, mean } = exams(this.columns, this.peeks), colour = this.peeks ? "var(--fault)" : "var(--leaf)";
    const stacks = new Map();
    const dots = all.map((share) => {
      const level = stacks.get(share) ?? 0;
      stacks.set(share, level + 1);
      return svg("circle", { cx: x(share), cy: axis - 8 - level * 11, r: 5, fill: colour, "fill-opacity": 0.75 });
    });
    const word = (at, y, words, anchor, extra = {}) => svg("text", { x: at, y, "text-anchor": anchor, "font-size": 13, fill: "currentColor", ...extra }, words);
    this.root.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.root.setAttribute("aria-label", this.describe());
    this.root.replaceChildren(
      svg("path", { d: `M${left} ${axis}H${right}`, stroke: "var(--line-strong)" }),
      svg("path", { d: `M${x(0.5)} 24V${axis}`, stroke: "var(--ink-soft)", "stroke-dasharray": "4 4" }),
      word(x(0.5), 16, this.say("瞎猜", "guessing"), "middle", { fill: "var(--ink-soft)" }),
      ...[0, 0.25, 0.5, 0.75, 1].map((share) => word(x(share), axis + 18, String(share), "middle", { fill: "var(--ink-soft)" })),
      ...dots,
      svg("path", { d: `M${x(mean)} ${axis + 4}l-6 10h12z`, fill: colour, transform: "translate(0 -2)" }),
      word(left, height - 4, this.say(`测试准确率，二十次平均 ${mean.toFixed(2)}`, `test accuracy, ${mean.toFixed(2)} as a mean of twenty`), "start", { fill: colour, "font-weight": 700 }));
  }

  describe() {
    const { all, mean } = exams(this.columns, this.peeks);
    const low = Math.min(...all).toFixed(2), high = Math.max(...all).toFixed(2);
    return this.say(
      `${this.columns} 列噪声，${this.peeks ? "先挑后分" : "先分后挑"}：二十次的测试准确率在 ${low} 和 ${high} 之间，平均 ${mean.toFixed(2)}；瞎猜是 0.5。`,
      `${this.columns} columns of noise, ${this.peeks ? "chosen before the split" : "chosen after the split"}: over twenty draws the test accuracy lies between ${low} and ${high}, ${mean.toFixed(2)} on average; guessing gives 0.5.`);
  }
}

define("leak", Leak);
