/**
 * One threshold, two kinds of mistake: real probabilities of "malignant" for 2 x 114 tumours, a line that the reader moves,
 * and what it does to the confusion matrix, recall, precision and cost.
 *
 * The probabilities (in ten-thousandths, rounded down) are those of lab `threshold` of lesson 10 with seed 1: a logistic
 * regression on the breast cancer table. The axis is stretched at both ends (log-odds), else most dots would lie on two heaps.
 */
import { Figure, define, svg } from "../js/figure.js";

export const SETS = {
  val: {
    malignant: [2626, 4309, 4834, 5634, 6763, 8388, 8940, 9630, 9655, 9701, 9749, 9913, 9925, 9938, 9956, 9974, 9975, 9977, 9981, 9988,
      9993, 9994, 9995, 9995, 9996, 9997, 9999, 9999, 9999, 9999, 9999, 9999, 9999, 9999, 10000, 10000, 10000, 10000, 10000],
    benign: [0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 3, 3, 4, 4, 5, 5, 6, 8, 8, 8, 9, 9, 10, 10, 10, 11, 14, 14, 14, 18,
      18, 19, 20, 21, 22, 23, 25, 29, 30, 30, 31, 32, 36, 40, 47, 64, 66, 110, 112, 117, 122, 125, 155, 165, 191, 262, 274,
      282, 312, 325, 373, 624, 656, 956, 1315, 2319, 3040, 4336],
  },
  test: {
    malignant: [810, 868, 1481, 4280, 7386, 7864, 8547, 9318, 9366, 9382, 9490, 9689, 9781, 9807, 9832, 9847, 9853, 9878, 9885, 9957,
      9967, 9972, 9974, 9977, 9977, 9979, 9993, 9993, 9997, 9998, 9998, 9999, 9999, 9999, 9999, 9999, 9999, 9999, 9999, 9999,
      10000, 10000, 10000, 10000, 10000, 10000, 10000],
    benign: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 4, 4, 4, 4, 5, 5, 9, 11, 13, 15, 16, 19, 19, 21, 24, 28, 29, 29,
      29, 39, 39, 43, 49, 56, 71, 76, 78, 88, 111, 112, 115, 123, 143, 145, 150, 179, 235, 385, 420, 426, 541, 635, 796, 1005,
      1150, 1329, 1703, 3106, 5972],
  },
};

/** The slider's stops, in ten-thousandths; `state.stop` is an index into this list. */
export const STOPS = [10, 20, 40, 100, 200, 300, 500, 700, 1000, 1500, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 8500, 9000, 9300,
  9500, 9700, 9800, 9900, 9960, 9980, 9990];

/** The confusion matrix at a threshold: `threshold` and all probabilities in ten-thousandths; at or above it the prediction is
    "malignant". */
export function cells({ malignant, benign }, threshold) {
  const caught = malignant.filter((p) => p >= threshold).length;
  const alarms = benign.filter((p) => p >= threshold).length;
  return { caught, missed: malignant.length - caught, alarms, right: benign.length - alarms };
}

export const recall = ({ caught, missed }) => caught / (caught + missed);

/** NaN if nothing was predicted malignant. */
export const precision = ({ caught, alarms }) => caught / (caught + alarms);

/** The harmonic mean of the two. */
export const f1 = ({ caught, missed, alarms }) => (2 * caught) / (2 * caught + missed + alarms);

/** In units of false alarms, one miss counting as `weight` of them. */
export const cost = ({ missed, alarms }, weight) => missed * weight + alarms;

/** The position of a probability (in ten-thousandths) on the axis, from 0 to 1. */
export function along(p) {
  const inside = Math.min(9997, Math.max(3, p));
  return (Math.log(inside / (10000 - inside)) / Math.log(9997 / 3) + 1) / 2;
}

const BINS = 34;
const WEIGHTS = ["1", "5", "20"];

class CutoffFigure extends Figure {
  static defaults = { stop: 13, set: "val", weight: "20" };

  render() {
    this.root = this.dragged(() => this.input, (event) => this.#moveTo(event));
    const row = this.slider("stop", { label: this.say("阈值", "Threshold"), min: 0, max: STOPS.length - 1, step: 1, format: (stop) => shown(STOPS[stop]) });
    this.input = row.querySelector("input");
    this.controls.append(
      row,
      this.choice("set", { label: this.say("看哪一份", "Which tumours"), choices: [["val", this.say("验证集", "Validation")], ["test", this.say("测试集", "Test")]] }),
      this.choice("weight", {
        label: this.say("漏一个，顶几次虚惊", "False alarms to one miss"),
        choices: WEIGHTS.map((weight) => [weight, weight]),
      }));
  }

  /** An address may contain anything: an invalid stop, set or weight falls back to the default. */
  get seen() {
    const { stop, set, weight } = this.state, standard = CutoffFigure.defaults;
    return {
      threshold: STOPS[stop] ?? STOPS[standard.stop],
      set: Object.hasOwn(SETS, set) ? set : standard.set,
      weight: Number(WEIGHTS.includes(weight) ? weight : standard.weight),
    };
  }

  draw() {
    const { threshold, set, weight } = this.seen, { malignant, benign } = SETS[set];
    const width = Math.max(280, this.stage.clientWidth), pitch = width > 520 ? 8 : 6.4;
    this.size = { width, left: 10, right: 10, pitch };
    // Room for the tallest stacks of both sets, so that nothing jumps when the set changes.
    const room = (side) => Math.max(...Object.values(SETS).map((each) => Math.max(...stacks(each[side])))) * pitch + 8;
    const axis = 30 + room("malignant"), below = axis + 24, bottom = below + room("benign");
    this.root.setAttribute("viewBox", `0 0 ${width} ${bottom + 128}`);
    this.root.setAttribute("aria-label", this.describe());
    this.root.replaceChildren(
      ...this.#sides(threshold, 24, bottom), ...this.#axis(axis, below),
      ...this.#dots(malignant, 2, axis, -1, threshold), ...this.#dots(benign, 1, below, 1, threshold),
      ...this.#line(threshold, 24, bottom), ...this.#table(cells(SETS[set], threshold), weight, bottom + 24));
  }

  #x(p) {
    const { left, right, width } = this.size;
    return left + along(p) * (width - left - right);
  }

  #moveTo(event) {
    const at = event.clientX - this.root.getBoundingClientRect().left;
    const away = STOPS.map((stop) => Math.abs(this.#x(stop) - at));
    const stop = away.indexOf(Math.min(...away));
    if (stop !== this.state.stop) this.update({ stop });
  }

  /** The two halves, tinted in the colour of their prediction. */
  #sides(threshold, top, bottom) {
    const x = this.#x(threshold), { width } = this.size;
    const wash = (left, right, series) => svg("rect", { x: left, y: top, width: Math.max(0, right - left), height: bottom - top, fill: `var(--series-${series})`, opacity: 0.09 });
    return [wash(0, x, 1), wash(x, width, 2),
      text(2, 15, this.say("← 说良性", "← says benign"), { fill: "var(--series-1)", "font-weight": 600 }),
      text(width - 2, 15, this.say("说恶性 →", "says malignant →"), { fill: "var(--series-2)", "font-weight": 600, "text-anchor": "end" }),
      text(4, 42, this.say("真恶性 ◆", "malignant ◆"), { fill: "var(--series-2)" }),
      text(width - 4, bottom - 6, this.say("真良性 ●", "benign ●"), { fill: "var(--series-1)", "text-anchor": "end" })];
  }

  #axis(axis, below) {
    const { width } = this.size, ticks = [10, 100, 1000, 5000, 9000, 9900, 9990];
    return [rule(0, axis, width, axis), rule(0, below, width, below), ...ticks.map((p) =>
      text(this.#x(p), axis + 17, shown(p), { fill: "var(--ink-soft)", "text-anchor": "middle", "font-size": 13 }))];
  }

  /** A stack per bin of the axis; a misclassified tumour is hollow. */
  #dots(values, series, first, direction, threshold) {
    const { pitch } = this.size, levels = new Map(), colour = `var(--series-${series})`;
    return [...values].sort((a, b) => a - b).map((p) => {
      const bin = binOf(p), level = levels.get(bin) ?? 0, isWrong = (p >= threshold) !== (series === 2);
      levels.set(bin, level + 1);
      const x = this.#x(p), y = first + direction * (pitch / 2 + 3 + level * pitch), r = pitch / 2 - 0.6;
      const paint = { fill: isWrong ? "var(--paper-raised)" : colour, stroke: isWrong ? "var(--fault)" : colour, "stroke-width": isWrong ? 2 : 1 };
      return series === 1
        ? svg("circle", { cx: x, cy: y, r, ...paint })
        : svg("path", { d: `M${x} ${y - r}L${x + r} ${y}L${x} ${y + r}L${x - r} ${y}Z`, ...paint });
    });
  }

  #line(threshold, top, bottom) {
    const x = this.#x(threshold);
    return [svg("line", { x1: x, x2: x, y1: top, y2: bottom, stroke: "var(--ink)", "stroke-width": 2.5 })];
  }

  /** The confusion matrix and the scores under the dots. */
  #table({ caught, missed, alarms, right }, weight, top) {
    const { width } = this.size, columns = [width * 0.5, width * 0.82], ink = { fill: "var(--ink)" };
    const row = (y, name, cells) => [text(4, y, name, ink), ...cells.map(([content, paint], i) => text(columns[i], y, content, { "text-anchor": "middle", ...paint }))];
    const bad = { fill: "var(--fault)", "font-weight": 700 }, good = { fill: "var(--ink)", "font-weight": 700 };
    return [
      ...row(top, "", [[this.say("说恶性", "says malignant"), ink], [this.say("说良性", "says benign"), ink]]),
      ...row(top + 23, this.say("真恶性", "malignant"), [[String(caught), good], [this.say(`漏 ${missed}`, `${missed} missed`), bad]]),
      ...row(top + 46, this.say("真良性", "benign"), [[this.say(`虚惊 ${alarms}`, `${alarms} false alarm${alarms === 1 ? "" : "s"}`), bad], [String(right), good]]),
      rule(0, top + 56, width, top + 56),
      text(4, top + 76, this.#scores({ caught, missed, alarms }), ink),
      text(4, top + 97, this.say(
        `代价：${missed} × ${weight} + ${alarms} = ${cost({ missed, alarms }, weight)}`,
        `cost: ${missed} × ${weight} + ${alarms} = ${cost({ missed, alarms }, weight)}`), { ...ink, "font-weight": 600 })];
  }

  #scores(counts) {
    const three = (value) => (Number.isFinite(value) ? value.toFixed(3) : "–");
    return this.say(
      `召回率 ${three(recall(counts))}，精确率 ${three(precision(counts))}，F1 ${three(f1(counts))}`,
      `recall ${three(recall(counts))}, precision ${three(precision(counts))}, F1 ${three(f1(counts))}`);
  }

  describe() {
    const { threshold, set, weight } = this.seen, counts = cells(SETS[set], threshold), { caught, missed, alarms } = counts;
    const sick = caught + missed, well = SETS[set].benign.length, sum = cost(counts, weight);
    return this.say(
      `${set === "val" ? "验证集" : "测试集"}，阈值 ${shown(threshold)}：${sick} 个恶性抓到 ${caught} 个，漏 ${missed} 个；${well} 个良性里虚惊 ${alarms} 个。${this.#scores(counts)}。漏一个顶 ${weight} 次虚惊，代价是 ${sum}。`,
      `${set === "val" ? "Validation" : "Test"} set, threshold ${shown(threshold)}: of ${sick} malignant tumours ${caught} are caught and ${missed} missed; among ${well} benign ones ${alarms} false alarm${alarms === 1 ? "" : "s"}; ${this.#scores(counts)}. With ${weight} to 1 the cost is ${sum}.`);
  }
}

/** The bin of a probability. */
function binOf(p) {
  return Math.min(BINS - 1, Math.floor(along(p) * BINS));
}

/** Number of dots in each bin. */
function stacks(values) {
  const counts = new Array(BINS).fill(0);
  for (const p of values) counts[binOf(p)]++;
  return counts;
}

/** Ten-thousandths in decimal notation: 0.5, 0.05, 0.001. */
function shown(p) {
  return String(p / 10000);
}

function text(x, y, content, attributes = {}) {
  return svg("text", { x, y, "font-size": 14, ...attributes }, content);
}

function rule(x1, y1, x2, y2) {
  return svg("line", { x1, y1, x2, y2, stroke: "var(--line-strong)", "stroke-width": 1 });
}

define("cutoff", CutoffFigure);
