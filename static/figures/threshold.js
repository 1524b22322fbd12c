/**
 * Beat a learned threshold by hand: two species of iris on one measured axis, one line that decides between them.
 *
 * The flowers are the 100 versicolor and virginica of Fisher's iris table, in millimetres of length. Every other row is a
 * training flower, the rest stay hidden until the reader has placed a line, let the machine try all lines and made a bet.
 */
import { Figure, define, svg } from "../js/figure.js";

/** Millimetres; `train` and `fresh` hold [versicolor, virginica]. `from`, `to` and `start` are centimetres of the axis. */
export const FEATURES = {
  "petal-length": {
    zh: "花瓣长", en: "petal length", from: 2.8, to: 7.0, start: 4.2,
    train: [[47, 49, 46, 47, 46, 35, 40, 36, 45, 45, 48, 49, 43, 48, 45, 38, 39, 45, 47, 41, 44, 40, 42, 42, 30],
      [60, 59, 58, 45, 58, 51, 55, 51, 55, 69, 57, 67, 57, 48, 56, 61, 56, 56, 56, 48, 56, 51, 57, 50, 54]],
    fresh: [[45, 40, 45, 33, 39, 42, 47, 44, 41, 39, 40, 47, 44, 50, 35, 37, 51, 45, 44, 40, 46, 33, 42, 43, 41],
      [51, 56, 66, 63, 61, 53, 50, 53, 67, 50, 49, 49, 60, 49, 58, 64, 51, 61, 55, 54, 51, 59, 52, 52, 51]],
  },
  "petal-width": {
    zh: "花瓣宽", en: "petal width", from: 0.8, to: 2.7, start: 1.3,
    train: [[14, 15, 15, 16, 13, 10, 10, 13, 15, 15, 18, 15, 13, 14, 15, 11, 12, 15, 15, 13, 12, 12, 13, 13, 11],
      [25, 21, 22, 17, 18, 20, 21, 24, 18, 23, 23, 20, 21, 18, 21, 19, 22, 14, 24, 18, 24, 19, 25, 19, 23]],
    fresh: [[15, 13, 13, 10, 14, 15, 14, 14, 10, 11, 13, 12, 14, 17, 10, 10, 16, 16, 13, 13, 14, 10, 12, 13, 13],
      [19, 18, 21, 18, 25, 19, 20, 23, 22, 15, 20, 18, 18, 18, 16, 20, 15, 23, 18, 21, 23, 23, 23, 20, 18]],
  },
  "sepal-width": {
    zh: "萼片宽", en: "sepal width", from: 1.9, to: 3.9, start: 2.4,
    train: [[32, 31, 28, 33, 29, 20, 22, 29, 30, 22, 32, 25, 29, 28, 29, 24, 27, 30, 31, 30, 26, 26, 27, 29, 25],
      [33, 30, 30, 25, 25, 32, 30, 28, 30, 26, 32, 28, 33, 28, 28, 28, 28, 26, 34, 30, 31, 27, 33, 25, 34]],
    fresh: [[32, 23, 28, 24, 27, 30, 29, 31, 27, 25, 28, 28, 30, 30, 26, 24, 27, 34, 23, 25, 30, 23, 30, 29, 28],
      [27, 29, 30, 29, 36, 27, 25, 32, 38, 22, 28, 27, 32, 30, 30, 38, 28, 30, 31, 31, 31, 32, 30, 30, 30]],
  },
};

/** The rule of the figure: larger than the threshold (both in centimetres) means virginica. */
export function isVirginica(millimetres, threshold) {
  return millimetres * 10 > Math.round(threshold * 100);
}

/** Wrong answers of a threshold in centimetres on `[versicolor, virginica]` in millimetres. */
export function countErrors([versicolor, virginica], threshold) {
  const falseAlarms = versicolor.filter((x) => isVirginica(x, threshold)).length;
  const missed = virginica.filter((x) => !isVirginica(x, threshold)).length;
  return { falseAlarms, missed, total: falseAlarms + missed };
}

/** Every threshold worth trying: the middle of each gap between two neighbouring measurements, with its errors. */
export function tryAll(flowers) {
  const values = [...new Set(flowers.flat())].sort((a, b) => a - b);
  return values.slice(1).map((right, i) => {
    const threshold = (values[i] + right) / 20;
    return { threshold, gap: right - values[i], errors: countErrors(flowers, threshold).total };
  });
}

/** The threshold with the fewest errors; of several equal ones that in the widest gap. */
export function learn(flowers) {
  return tryAll(flowers).reduce((best, one) =>
    one.errors < best.errors || (one.errors === best.errors && one.gap > best.gap) ? one : best);
}

/** "me", "machine" or "tie": who makes fewer errors on the fresh flowers. */
export function winner(feature, threshold) {
  const { train, fresh } = FEATURES[feature];
  const difference = countErrors(fresh, threshold).total - countErrors(fresh, learn(train).threshold).total;
  return difference < 0 ? "me" : difference > 0 ? "machine" : "tie";
}

const TOTAL = 50;

class ThresholdFigure extends Figure {
  /** `step`: "hand" (only the reader's line), "learned" (the machine's too), "tested" (on the fresh flowers). */
  static defaults = { feature: "petal-length", t: 4.2, step: "hand", bet: "none" };

  render() {
    this.visited = new Map();
    this.root = this.dragged(() => this.input, (event) => this.#moveTo(event));
    this.addEventListener("figure-reset", () => this.visited.clear());

    if (!Object.hasOwn(FEATURES, this.state.feature)) this.state.feature = "petal-length";
    this.sliderRow = this.slider("t", { label: this.say("你的分界", "Your line"), min: 0, max: 10, step: 0.05, format: (t) => `${t.toFixed(2)} cm` });
    this.input = this.sliderRow.querySelector("input");
    this.learnButton = this.button(this.say("让机器试遍每条线", "Let the machine try every line"), () => this.update({ step: "learned" }));
    this.betChoice = this.choice("bet", {
      label: this.say("先猜：换 50 朵新花，谁错得少？", "Guess first: on 50 new flowers, who makes fewer mistakes?"),
      choices: [["me", this.say("我的线", "My line")], ["machine", this.say("机器的线", "The machine’s")], ["tie", this.say("一样多", "A tie")]],
    });
    this.testButton = this.button(this.say("量新花", "Measure the new flowers"), () => { this.testedAt = this.state.t; this.update({ step: "tested" }); });
    this.controls.append(
      this.choice("feature", { label: this.say("量什么", "What to measure"), choices: Object.entries(FEATURES).map(([key, one]) => [key, this.say(one.zh, one.en)]) }),
      this.sliderRow, this.learnButton, this.betChoice, this.testButton);
  }

  update(changes) {
    if (changes.feature && !Object.hasOwn(FEATURES, changes.feature)) return;
    if (changes.feature && changes.t === undefined) {
      changes = { ...changes, t: FEATURES[changes.feature].start, step: "hand", bet: "none" };
      this.visited.clear();
    }
    super.update(changes);
  }

  draw() {
    const { feature, t, step, bet } = this.state;
    this.shown = FEATURES[feature];
    this.input.min = this.shown.from;
    this.input.max = this.shown.to;
    this.input.value = t;
    this.visited.set(t, countErrors(this.shown.train, t).total);
    this.learnButton.hidden = step !== "hand";
    this.betChoice.hidden = step !== "learned";
    this.testButton.hidden = step !== "learned" || bet === "none";

    const width = Math.max(280, this.stage.clientWidth), wide = width > 520;
    const unit = (width - 44) / Math.round((this.shown.to - this.shown.from) * 10);
    const radius = Math.min(6, unit * 0.44, wide ? 6 : 4.5);
    this.size = { width, left: 34, right: 10, radius, pitch: radius * 2 + 1.5 };
    const flowers = step === "tested" ? this.shown.fresh : this.shown.train;
    const rise = Math.max(4, ...tallest(FEATURES[feature])) * this.size.pitch + 20;
    const axis = 66 + rise, below = axis + 24, curveTop = below + rise + 34, bottom = curveTop + 96;
    this.root.setAttribute("viewBox", `0 0 ${width} ${bottom + 26}`);
    this.root.setAttribute("aria-label", this.describe());
    this.root.replaceChildren(
      ...this.#sides(48, below + rise), ...this.#scores(), ...this.#axis(axis), ...this.#flowers(flowers, axis, below),
      ...this.#curve(curveTop, bottom), ...this.#lines(48, bottom));
  }

  #x(centimetres) {
    const { left, right, width } = this.size, { from, to } = this.shown;
    return left + (centimetres - from) / (to - from) * (width - left - right);
  }

  #moveTo(event) {
    const { left, right, width } = this.size, { from, to } = this.shown;
    const at = (event.clientX - this.root.getBoundingClientRect().left - left) / (width - left - right);
    const t = Math.round((from + Math.min(1, Math.max(0, at)) * (to - from)) * 20) / 20;
    if (t !== this.state.t) this.update({ t: Number(t.toFixed(2)) });
  }

  /** Two lines of text: the errors of the reader's line and of the machine's. */
  #scores() {
    const { t, step } = this.state, { train, fresh } = this.shown;
    const line = (threshold) => {
      const onTrain = countErrors(train, threshold).total, onFresh = countErrors(fresh, threshold).total;
      return step === "tested"
        ? this.say(`训练花错 ${onTrain} 朵，新花错 ${onFresh} 朵`, `${onTrain} wrong in training, ${onFresh} wrong on new flowers`)
        : this.say(`${TOTAL} 朵训练花错 ${onTrain} 朵`, `${onTrain} of ${TOTAL} training flowers wrong`);
    };
    const rows = [text(0, 16, this.say("你：", "You: ") + line(t), { fill: "var(--ink)", "font-weight": 600 })];
    if (step !== "hand") rows.push(text(0, 38, this.say("机器：", "Machine: ") + line(learn(train).threshold), { fill: "var(--leaf)", "font-weight": 600 }));
    return rows;
  }

  /** The two halves that the line separates, tinted in the colour of the prediction there. */
  #sides(top, bottom) {
    const x = this.#x(this.state.t), { from, to } = this.shown;
    const wash = (left, right, series) => svg("rect", { x: left, y: top, width: Math.max(0, right - left), height: bottom - top, fill: `var(--series-${series})`, opacity: 0.09 });
    return [wash(this.#x(from), x, 1), wash(x, this.#x(to), 2)];
  }

  #axis(y) {
    const { from, to } = this.shown, parts = [];
    for (let tick = Math.ceil(from * 2) / 2; tick <= to + 1e-9; tick += 0.5) {
      parts.push(text(this.#x(tick), y + 17, tick.toFixed(1), { fill: "var(--ink-soft)", "text-anchor": "middle" }));
    }
    return parts.concat(rule(this.#x(from), y, this.#x(to), y), rule(this.#x(from), y + 24, this.#x(to), y + 24));
  }

  /** Versicolor stacks up from the axis as discs, virginica down as diamonds; a wrong one is hollow and crossed (a cross alone
      if it is tiny). */
  #flowers([versicolor, virginica], axis, below) {
    const { radius, pitch } = this.size, { t } = this.state, parts = [];
    const place = (values, first, direction, species) => {
      const stacks = new Map();
      for (const value of [...values].sort((a, b) => a - b)) {
        const level = stacks.get(value) ?? 0;
        stacks.set(value, level + 1);
        const x = this.#x(value / 10), y = first + direction * (radius + 3 + level * pitch);
        parts.push(...flower(x, y, radius, species, isVirginica(value, t) !== (species === 1)));
      }
    };
    place(versicolor, axis, -1, 0);
    place(virginica, below, 1, 1);
    const names = [this.say("● 变色鸢尾", "● versicolor"), this.say("◆ 弗吉尼亚鸢尾", "◆ virginica")];
    parts.push(text(this.size.left + 6, 66, names[0], { fill: "var(--series-1)" }),
      text(this.size.width - this.size.right - 6, below + (axis - 66) - 7, names[1], { fill: "var(--series-2)", "text-anchor": "end" }));
    return parts;
  }

  /** Errors on the training flowers by threshold: points the reader has visited, and the whole curve after learning. */
  #curve(top, bottom) {
    const { step, t } = this.state, { train, from, to } = this.shown;
    const y = (errors) => bottom - errors / 27 * (bottom - top);
    const parts = [text(0, top - 8, this.say("训练花里错几朵", "Training flowers wrong"), { fill: "var(--ink-soft)" }),
      rule(this.#x(from), bottom, this.#x(to), bottom)];
    for (const errors of [0, 10, 20]) parts.push(text(26, y(errors) + 5, String(errors), { fill: "var(--ink-soft)", "text-anchor": "end" }));
    if (step !== "hand") {
      let path = "", last = null;
      for (let hundredth = Math.round(from * 100); hundredth <= Math.round(to * 100); hundredth++) {
        const errors = countErrors(train, hundredth / 100).total, x = this.#x(hundredth / 100).toFixed(1);
        if (last === null) path = `M${x} ${y(errors).toFixed(1)}`;
        else if (errors !== last) path += `H${x}V${y(errors).toFixed(1)}`;
        last = errors;
      }
      parts.push(svg("path", { d: `${path}H${this.#x(to).toFixed(1)}`, fill: "none", stroke: "var(--leaf)", "stroke-width": 2 }));
    }
    for (const [place, errors] of this.visited) parts.push(svg("circle", { cx: this.#x(place), cy: y(errors), r: 2.5, fill: "var(--ink-soft)" }));
    parts.push(svg("circle", { cx: this.#x(t), cy: y(countErrors(train, t).total), r: 5, fill: "var(--ink)" }));
    return parts;
  }

  #lines(top, bottom) {
    const { t, step } = this.state, x = this.#x(t), parts = [];
    if (step !== "hand") {
      const learned = this.#x(learn(this.shown.train).threshold);
      parts.push(svg("line", { x1: learned, x2: learned, y1: top, y2: bottom, stroke: "var(--leaf)", "stroke-width": 2.5, "stroke-dasharray": "7 5" }));
    }
    parts.push(svg("line", { x1: x, x2: x, y1: top, y2: bottom, stroke: "var(--ink)", "stroke-width": 2.5 }),
      svg("path", { d: `M${x - 9} ${bottom + 16}L${x} ${bottom + 2}L${x + 9} ${bottom + 16}Z`, fill: "var(--ink)" }));
    return parts;
  }

  describe() {
    const { feature, t, step, bet } = this.state, one = FEATURES[feature];
    const mine = countErrors(one.train, t), best = learn(one.train), name = this.say(one.zh, one.en);
    const parts = [this.say(
      `规则：${name}大于 ${t.toFixed(2)} 厘米就猜弗吉尼亚鸢尾。50 朵训练花错 ${mine.total} 朵：${mine.falseAlarms} 朵变色鸢尾猜成弗吉尼亚，${mine.missed} 朵弗吉尼亚鸢尾猜成变色。`,
      `Rule: a ${name} above ${t.toFixed(2)} cm means virginica. Of 50 training flowers ${mine.total} are wrong: ${mine.falseAlarms} versicolor called virginica, ${mine.missed} virginica called versicolor. `)];
    if (step !== "hand") parts.push(this.say(
      `机器把每条线都试了一遍，选了 ${best.threshold.toFixed(2)} 厘米，错 ${best.errors} 朵。`,
      `The machine tried every line and chose ${best.threshold.toFixed(2)} cm with ${best.errors} wrong. `));
    if (step === "tested") parts.push(this.#verdict(one, best, bet));
    return parts.join("");
  }

  #verdict(one, best, bet) {
    const mine = countErrors(one.fresh, this.state.t).total, machine = countErrors(one.fresh, best.threshold).total;
    const result = winner(this.state.feature, this.state.t);
    const score = this.say(`50 朵新花：你错 ${mine} 朵，机器错 ${machine} 朵。`, `On the 50 new flowers you make ${mine} mistakes, the machine ${machine}. `);
    if (this.testedAt !== undefined && this.testedAt !== this.state.t) {
      return score + this.say("注意：你正看着新花挑线，它们已经不算新花了。", "Careful: you are choosing while looking at the new flowers, so they are no longer new.");
    }
    if (bet === "none") return score;
    return score + (bet === result ? this.say("你猜对了。", "Your guess was right.") : this.say("和你猜的不一样。", "Not what you guessed."));
  }
}

/** Heights of the stacks of equal measurements over all four groups of a feature. */
function tallest({ train, fresh }) {
  return [...train, ...fresh].map((values) => Math.max(...values.map((value) => values.filter((other) => other === value).length)));
}

function flower(x, y, r, species, wrong) {
  const colour = `var(--series-${species + 1})`, paint = { fill: wrong ? "none" : colour, stroke: colour, "stroke-width": 1.2 };
  const shape = species === 0
    ? svg("circle", { cx: x, cy: y, r: r - 0.6, ...paint })
    : svg("path", { d: `M${x} ${y - r}L${x + r} ${y}L${x} ${y + r}L${x - r} ${y}Z`, ...paint });
  if (!wrong) return [shape];
  const d = r * 0.8, cross = svg("path", { d: `M${x - d} ${y - d}L${x + d} ${y + d}M${x - d} ${y + d}L${x + d} ${y - d}`, stroke: "var(--fault)", "stroke-width": 2, "stroke-linecap": "round" });
  return r < 4 ? [cross] : [shape, cross];
}

function text(x, y, content, attributes = {}) {
  return svg("text", { x, y, "font-size": 14, ...attributes }, content);
}

function rule(x1, y1, x2, y2) {
  return svg("line", { x1, y1, x2, y2, stroke: "var(--line-strong)", "stroke-width": 1 });
}

define("threshold", ThresholdFigure);
