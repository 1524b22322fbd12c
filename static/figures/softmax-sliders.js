/**
 * Three logits become three probabilities and one loss: sliders for the logits and the temperature, bars for the
 * probabilities, the push p - y that training would give each logit, and the loss as a point on the curve -ln p.
 * The reader guesses what adding 5 to every logit does before the button does it.
 */
import { Figure, define, el, svg } from "../js/figure.js";

/** Probabilities of `logits` at `temperature` > 0: exp(z/T) divided by their sum. The maximum is subtracted first (no overflow). */
export function softmax(logits, temperature = 1) {
  const top = Math.max(...logits), powers = logits.map((z) => Math.exp((z - top) / temperature));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

/** Cross-entropy -ln p of the true class `truth` (its index), in nats. Finite for every finite logit. */
export function crossEntropy(logits, truth, temperature = 1) {
  const scaled = logits.map((z) => z / temperature), top = Math.max(...scaled);
  return top + Math.log(scaled.reduce((sum, z) => sum + Math.exp(z - top), 0)) - scaled[truth];
}

/** The slope of the loss with respect to each z/T: p - y, y being 1 for the true class and 0 elsewhere. */
export function slopes(probabilities, truth) {
  return probabilities.map((p, i) => p - (i === truth ? 1 : 0));
}

const NAMES = ["7", "1", "9"], KEYS = ["z7", "z1", "z9"], LIMIT = 10;
const WIDTH = 360, BAR = { x: 30, width: 176 }, ROW = 46, CURVE = { x: 44, y: 176, width: 296, height: 150, top: 5 };
const percent = (p) => `${(p * 100).toFixed(1)}%`;
const signed = (value, digits = 1) => (value < 0 ? `−${Math.abs(value).toFixed(digits)}` : value.toFixed(digits));

class SoftmaxSliders extends Figure {
  static defaults = { z7: 2, z1: 1, z9: 0, truth: "7", temperature: 1, guess: "none", shifts: 0 };

  get logits() { return KEYS.map((key) => this.state[key]); }
  get truth() { return Math.max(0, NAMES.indexOf(this.state.truth)); }
  get heat() { return Math.min(5, Math.max(0.1, this.state.temperature)); }

  render() {
    this.picture = this.stage.appendChild(svg("svg", { viewBox: `0 0 ${WIDTH} 366`, "aria-hidden": "true" }));
    Object.assign(this.picture.style, { display: "block", width: "100%", maxWidth: "30rem", margin: "0 auto" });
    this.bars = this.picture.appendChild(svg("g", {}));
    this.picture.append(...this.#axes());
    this.dot = this.picture.appendChild(svg("g", {}));
    for (const [i, key] of KEYS.entries()) {
      this.controls.append(this.slider(key, { label: this.say(`“${NAMES[i]}”的得分`, `Score of “${NAMES[i]}”`), min: -LIMIT, max: LIMIT, step: 0.1, format: signed }));
    }
    this.controls.append(
      this.slider("temperature", { label: this.say("温度 T", "Temperature T"), min: 0.1, max: 5, step: 0.1, format: (value) => value.toFixed(1) }),
      this.choice("truth", { label: this.say("正确答案", "True class"), choices: NAMES.map((name) => [name, name]) }),
    );
    this.question = this.controls.appendChild(el("div", {}));
    this.question.style.flexBasis = "100%";
  }

  /** The frame and the curve of -ln p, which never change. */
  #axes() {
    const { x, y, width, height, top } = CURVE, points = [];
    for (let i = 0; i <= 120; i++) {
      const loss = top * (1 - i / 120);
      points.push(`${(x + Math.exp(-loss) * width).toFixed(1)} ${(y + height * (1 - loss / top)).toFixed(1)}`);
    }
    const line = (x1, y1, x2, y2) => svg("line", { x1, y1, x2, y2, stroke: "var(--line-strong)", "stroke-width": 1 });
    return [
      line(x, y + height, x + width, y + height), line(x, y, x, y + height),
      ...[1, 2, 3, 4].map((loss) => text(x - 8, y + height * (1 - loss / top) + 5, loss, "end")),
      ...[0, 0.5, 1].map((p) => text(x + p * width, y + height + 18, p, "middle")),
      text(x + width, y + height + 36, this.say("正确类的概率 p", "probability p of the true class"), "end"),
      text(x + 6, y - 6, this.say("损失 −ln p", "loss −ln p"), "start"),
      svg("path", { d: `M${points.join("L")}`, fill: "none", stroke: "var(--ink-faint)", "stroke-width": 2 }),
    ];
  }

  draw() {
    const p = softmax(this.logits, this.heat), push = slopes(p, this.truth);
    this.bars.replaceChildren(...p.flatMap((value, i) => this.#row(i, value, push[i])));
    this.#drawDot(p[this.truth]);
    this.#drawQuestion();
  }

  #row(i, p, push) {
    const y = 14 + i * ROW, middle = y + 19, isTruth = i === this.truth;
    return [
      text(12, middle, NAMES[i], "middle", { "font-size": 20, fill: isTruth ? "var(--series-1)" : "var(--ink)", "font-weight": isTruth ? 700 : 400 }),
      svg("rect", { x: BAR.x, y, width: BAR.width, height: 26, fill: "var(--paper-sunken)" }),
      svg("rect", { x: BAR.x, y, width: Math.max(0.5, p * BAR.width), height: 26, fill: isTruth ? "var(--series-1)" : "var(--series-2)" }),
      text(BAR.x + BAR.width + 7, middle, percent(p), "start", { fill: "var(--ink)", "font-size": 16 }),
      text(WIDTH - 4, middle, `p−y ${signed(push, 2)}`, "end", { "font-size": 13 }),
    ];
  }

  #drawDot(p) {
    const loss = crossEntropy(this.logits, this.truth, this.heat), shown = Math.min(loss, CURVE.top);
    const x = CURVE.x + p * CURVE.width, y = CURVE.y + CURVE.height * (1 - shown / CURVE.top), right = p > 0.6;
    this.dot.replaceChildren(
      svg("line", { x1: x, y1: y, x2: x, y2: CURVE.y + CURVE.height, stroke: "var(--series-1)", "stroke-width": 1.5, "stroke-dasharray": "3 5" }),
      svg("circle", { cx: x, cy: y, r: 8, fill: "var(--series-1)" }),
      text(x + (right ? -4 : 14), y + (right ? -16 : 5), `${loss > CURVE.top ? "↑ " : ""}${loss.toFixed(3)}`, right ? "end" : "start", { fill: "var(--ink)", "font-size": 18 }),
    );
  }

  #drawQuestion() {
    const { guess, shifts } = this.state, shown = `${guess}/${shifts}/${this.logits.some((z) => z > LIMIT - 5)}`;
    if (this.shown === shown) return;
    this.shown = shown;
    const row = el("div", { class: "figure-actions" }), guesses = { surer: this.say("更悬殊", "further apart"), same: this.say("不变", "unchanged"), flatter: this.say("更平均", "more even") };
    const ask = el("p", {}, guess in guesses ? this.say(`你猜：${guesses[guess]}。现在加给它看。`, `Your guess: ${guesses[guess]}. Now do it.`) : this.say("先猜：三个得分都加 5，概率会怎样？", "Guess first: add 5 to all three scores. What will the probabilities do?"));
    if (guess in guesses) row.append(this.#shiftButton());
    else for (const [value, name] of Object.entries(guesses)) row.append(this.button(name, () => this.update({ guess: value })));
    this.question.replaceChildren(ask, row);
    if (shifts && guess in guesses) this.question.append(el("p", {}, this.#verdict()));
  }

  #shiftButton() {
    const button = this.button(this.say("三个得分都加 5", "Add 5 to every score"), () => {
      const moved = Object.fromEntries(KEYS.map((key) => [key, Math.round((this.state[key] + 5) * 10) / 10]));
      this.update({ ...moved, shifts: this.state.shifts + 1 });
    });
    button.disabled = this.logits.some((z) => z > LIMIT - 5);
    return button;
  }

  #verdict() {
    const right = this.state.guess === "same";
    return this.say(`${right ? "猜对了：" : "其实"}一点也没变。加 5 等于把每个 eᶻ 都乘上同一个数，相除时约掉了。`, `${right ? "Right: nothing" : "In fact nothing"} changed. Adding 5 multiplies every eᶻ by the same number, and the division cancels it.`);
  }

  describe() {
    const p = softmax(this.logits, this.heat), loss = crossEntropy(this.logits, this.truth, this.heat).toFixed(3);
    const list = NAMES.map((name, i) => `${name}: ${percent(p[i])}`).join(this.say("，", ", "));
    const heat = this.heat.toFixed(1), name = NAMES[this.truth];
    return this.say(`温度 ${heat} 时的概率 ${list}。正确答案是 ${name}，损失 −ln ${p[this.truth].toFixed(3)} = ${loss}。`, `Probabilities at temperature ${heat}: ${list}. The true class is ${name}; the loss is −ln ${p[this.truth].toFixed(3)} = ${loss}.`);
  }
}

function text(x, y, content, anchor, attributes = {}) {
  return svg("text", { x, y, "text-anchor": anchor, "font-size": 14, fill: "var(--ink-soft)", ...attributes }, String(content));
}

define("softmax-sliders", SoftmaxSliders);
