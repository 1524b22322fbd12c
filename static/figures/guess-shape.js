/** Guess the shape: two shapes and an operation, and what comes out, by the rules of NumPy and TensorFlow. */
import { Figure, define, el } from "../js/figure.js";

/** Shapes are arrays; null is an error. */
export function multiplied(a, b) {
  return a.length === 2 && b.length === 2 && a[1] === b[0] ? [a[0], b[1]] : null;
}

export function spread(a, b) {
  const length = Math.max(a.length, b.length), found = [];
  for (let i = 1; i <= length; i++) {
    const [one, other] = [a.at(-i) ?? 1, b.at(-i) ?? 1];
    if (one !== other && one !== 1 && other !== 1) return null;
    found.unshift(Math.max(one, other));
  }
  return found;
}

export const averaged = (shape, axis) => shape.filter((_, i) => i !== axis);

export function reshaped(shape, wanted) {
  const count = (sizes) => sizes.reduce((product, size) => product * size, 1);
  return count(shape) === count(wanted) ? wanted : null;
}

export const written = (shape) => (shape === null ? "✗" : `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`);

/** `options` has the answer among them; `why` says which rule decides. */
export const QUESTIONS = [
  { code: "(2, 3) @ (3, 4)", answer: multiplied([2, 3], [3, 4]), options: [[2, 4], [3, 3], [4, 2], null], why: ["里面两个 3 一样，外面的 2 和 4 留下。", "The inner numbers are both 3; the outer ones, 2 and 4, remain."] },
  { code: "(2, 3) @ (2, 3)", answer: multiplied([2, 3], [2, 3]), options: [[2, 3], [2, 2], [3, 3], null], why: ["里面是 3 和 2，接不上。要先转置一个。", "Inside are 3 and 2, which do not fit. One has to be transposed first."] },
  { code: "(4, 3) + (3,)", answer: spread([4, 3], [3]), options: [[4, 3], [4, 6], [7, 3], null], why: ["从后往前对：3 对 3；缺的当 1，摊成 4。", "From the end: 3 meets 3; the missing one counts as 1 and is stretched to 4."] },
  { code: "(4, 3) + (4,)", answer: spread([4, 3], [4]), options: [[4, 3], [4, 4], [4, 7], null], why: ["从后往前对：3 对 4，不一样，也没有 1。", "From the end: 3 meets 4, which differ, and neither is 1."] },
  { code: "(4, 1) − (3,)", answer: spread([4, 1], [3]), options: [[4, 3], [4, 1], [3], null], why: ["1 摊成 3，缺的摊成 4：每个减每个。", "The 1 is stretched to 3 and the missing one to 4: each minus each."] },
  { code: "reduce_mean((4, 3), axis=0)", answer: averaged([4, 3], 0), options: [[3], [4], [4, 3], []], why: ["第 0 个轴（4）没了，剩下 3。", "Axis 0, the 4, is gone, and 3 remains."] },
  { code: "reshape((2, 6), (3, 4))", answer: reshaped([2, 6], [3, 4]), options: [[3, 4], [2, 6], [12], null], why: ["12 个数，重新排成 3 行 4 列。", "12 numbers, put into 3 rows of 4."] },
  { code: "reshape((2, 6), (3, 5))", answer: reshaped([2, 6], [3, 5]), options: [[3, 5], [2, 6], [15], null], why: ["12 个数，排不成 15 个。", "12 numbers cannot make 15."] },
];

const NONE = "-".repeat(QUESTIONS.length);
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/** One of "0" to "3" or "-" for each question; an address may contain anything. */
export const readAnswers = (text) => QUESTIONS.map((_, i) => ("0123".includes(String(text)[i] ?? "-") ? String(text)[i] : "-")).join("");

export const isRight = (question, option) => same(question.options[option], question.answer);

class GuessShape extends Figure {
  static defaults = { at: 0, answers: NONE };

  get at() { return Math.min(QUESTIONS.length - 1, Math.max(0, Math.round(Number(this.state.at) || 0))); }
  get answers() { return readAnswers(this.state.answers); }
  get right() { return [...this.answers].filter((option, i) => option !== "-" && isRight(QUESTIONS[i], Number(option))).length; }

  render() {
    const box = this.stage.appendChild(el("div", {}));
    box.style.cssText = "max-width:34rem;margin-inline:auto;line-height:1.5";
    this.dots = QUESTIONS.map((_, i) => {
      const dot = el("button", { type: "button", onclick: () => this.update({ at: i }) }, String(i + 1));
      dot.style.cssText = "min-width:24px;flex:1;min-height:2rem;padding:0;border-radius:var(--radius-s);font-size:0.8125rem";
      return dot;
    });
    const row = el("div", {}, ...this.dots);
    row.style.cssText = "flex-basis:100%;display:flex;gap:2px";
    this.code = el("div", { "aria-hidden": "true" });
    this.code.style.cssText = "margin-block:var(--space-3);padding:var(--space-3);font-family:var(--font-code, monospace);text-align:center;overflow-wrap:anywhere;border:1px solid var(--line-strong);border-radius:var(--radius-s);background:var(--paper-raised);color:var(--ink)";
    this.options = [0, 1, 2, 3].map((option) => this.button("", () => this.#answer(option)));
    const options = el("div", {}, ...this.options);
    options.style.cssText = "flex-basis:100%;display:grid;gap:var(--space-2);grid-template-columns:1fr 1fr";
    this.result = el("div", { "aria-hidden": "true" });
    this.result.style.cssText = "margin-top:var(--space-3);min-height:4.8rem;font-size:var(--text-s)";
    box.append(this.code, this.result);
    this.controls.append(row, options);
  }

  #answer(option) {
    const answers = [...this.answers];
    answers[this.at] = String(option);
    this.update({ answers: answers.join("") });
  }

  #named(shape) { return shape === null ? this.say("报错", "error") : written(shape); }

  draw() {
    const { at, answers } = this, question = QUESTIONS[at];
    this.dots.forEach((dot, i) => {
      const given = answers[i], isGood = given !== "-" && isRight(QUESTIONS[i], Number(given));
      dot.setAttribute("aria-current", String(i === at));
      dot.style.border = i === at ? "3px solid var(--focus)" : `1px ${given === "-" ? "dashed" : "solid"} var(--line-strong)`;
      dot.style.background = given === "-" ? "transparent" : isGood ? "var(--leaf-wash)" : "var(--fault-wash)";
      dot.style.color = "var(--ink)";
    });
    this.code.textContent = question.code;
    this.options.forEach((button, option) => {
      button.textContent = this.#named(question.options[option]);
      button.setAttribute("aria-pressed", String(answers[at] === String(option)));
    });
    this.result.replaceChildren(...this.#words().map((line) => el("div", {}, line)));
  }

  #words() {
    const { at, answers } = this, question = QUESTIONS[at], left = [...answers].filter((option) => option === "-").length;
    if (answers[at] === "-") return [this.say("先猜一个。", "Guess first.")];
    const isGood = isRight(question, Number(answers[at]));
    const verdict = isGood ? this.say("对了。", "Right.") : this.say(`不对，是 ${this.#named(question.answer)}。`, `No, it is ${this.#named(question.answer)}.`);
    const total = left ? [] : [this.say(`八道题对了 ${this.right} 道。`, `${this.right} of eight are right.`)];
    return [`${verdict}${this.say("", " ")}${this.say(...question.why)}`, ...total];
  }

  describe() {
    const { at } = this, question = QUESTIONS[at];
    return this.say(
      `第 ${at + 1} 题：${question.code}。${this.#words().join("")}`, `Question ${at + 1}: ${question.code}. ${this.#words().join(" ")}`);
  }
}

define("guess-shape", GuessShape);
