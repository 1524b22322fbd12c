/**
 * A point on a curve, its tangent and its secant. The reader guesses whether a nudge to the right raises or lowers
 * the curve before the tangent shows itself, then drags the point and sees the slope follow.
 */
import { Figure, define, el, svg } from "../js/figure.js";

/** The curves: `f` and its exact slope `df` on `domain`; `quiz` are the places where the reader is asked. */
export const CURVES = {
  bowl: {
    domain: [0, 7], range: [0, 50], quiz: [1, 5.5, 3.5, 2.2, 6.5],
    f: (w) => (2 * w - 7) ** 2,
    df: (w) => 4 * (2 * w - 7),
  },
  hills: {
    domain: [0, 7], range: [0, 50], quiz: [0.4, 2.2, 4.2, 3.45, 6.5],
    f: (w) => 0.5 * (w - 1.3) ** 2 * (w - 5.3) ** 2 - 1.5 * w + 12,
    df: (w) => (w - 1.3) * (w - 5.3) * (2 * w - 6.6) - 1.5,
  },
};

export const GAPS = [2, 1, 0.5, 0.1, 0.01, 0.001];

/** Slopes closer to zero than this count as level: by eye they cannot be told apart. */
const LEVEL = 0.5;

/** The slope of the line through the curve's points at `x` and `x + h` (h not 0): one nudge, measured. */
export const secantSlope = (f, x, h) => (f(x + h) - f(x)) / h;

/** What a small nudge to the right does to a curve with this slope: "up", "down" or "flat". */
export const trend = (slope) => (Math.abs(slope) < LEVEL ? "flat" : slope > 0 ? "up" : "down");

/** The nudge to use at `x`: to the right if there is room for it, otherwise to the left. */
export const roomFor = (curve, x, h) => (x + h > curve.domain[1] ? -h : h);

export const clamp = (value, [low, high]) => Math.min(high, Math.max(low, value));

/** One step downhill, against the slope, kept inside the curve's domain. */
export const stepDown = (curve, x, rate) => clamp(x - rate * curve.df(x), curve.domain);

/** A number with at most `digits` decimals, a true minus sign and no "-0". */
export function tidy(value, digits = 2) {
  const text = String(Number(value.toFixed(digits)) || 0);
  return text.replace("-", "−");
}

const RATE = 0.03;

export class Tangent extends Figure {
  static defaults = { curve: "bowl", x: 1, guess: "", round: 0, gap: 1, secant: false };

  get curve() { return CURVES[this.state.curve] ?? CURVES.bowl; }
  get gap() { return roomFor(this.curve, this.state.x, (GAPS[this.state.gap] ?? 1)); }

  render() {
    this.picture = this.stage.appendChild(svg("svg", { role: "group", "aria-label": this.say("曲线与切线", "A curve and its tangent") }));
    this.picture.style.display = "block";
    this.back = this.picture.appendChild(svg("g"));
    this.handle = this.picture.appendChild(this.#handle());
    this.picture.addEventListener("click", (event) => this.#moveTo(this.#valueAt(event.clientX)));
    this.question = this.controls.appendChild(el("div", { class: "figure-question" }));
    this.readout = this.controls.appendChild(el("p", { class: "figure-readout" }));
    const curves = [
      ["bowl", this.say("一单外卖的误差", "Error on one delivery")],
      ["hills", this.say("两个山谷", "Two valleys")],
    ];
    const secants = [[false, this.say("只看切线", "Tangent only")], [true, this.say("加上割线", "Add a secant")]];
    const nudges = { min: 0, max: GAPS.length - 1, step: 1, format: (index) => tidy(GAPS[index], 4) };
    this.controls.append(
      this.choice("curve", { label: this.say("曲线", "Curve"), choices: curves }),
      this.choice("secant", { label: this.say("量斜率", "Measure the slope"), choices: secants }),
      this.slider("gap", { label: this.say("割线的步子 h", "Nudge h of the secant"), ...nudges }),
      this.button(this.say("顺着下坡走一步", "Take one step downhill"), () => this.#walk()),
      this.button(this.say("换一处再猜", "Guess somewhere else"), () => this.#ask()),
    );
  }

  update(changes) {
    if ("curve" in changes && changes.curve !== this.state.curve) {
      const curve = CURVES[changes.curve] ?? CURVES.bowl;
      changes = { x: curve.quiz[0], round: 0, guess: "", ...changes };
    }
    super.update(changes);
  }

  draw() {
    const width = Math.max(260, this.stage.clientWidth), height = Math.round(Math.min(400, Math.max(260, width * 0.62)));
    this.picture.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const { domain, range } = this.curve;
    const left = 40, right = width - 16, top = 16, bottom = height - 46;
    this.frame = { left, right };
    this.sx = (x) => left + ((x - domain[0]) / (domain[1] - domain[0])) * (right - left);
    this.sy = (y) => bottom - ((y - range[0]) / (range[1] - range[0])) * (bottom - top);
    this.back.replaceChildren(...this.#axes(left, right, top, bottom), this.#path());
    if (this.state.guess) this.back.append(...this.#tangent(), ...(this.state.secant ? this.#secant() : []));
    this.#placeHandle();
    this.#words();
  }

  describe() {
    const { curve, state } = this, slope = curve.df(state.x);
    const place = `w = ${tidy(state.x)}`, value = tidy(curve.f(state.x));
    if (!state.guess) {
      return this.say(
        `点在 ${place}，曲线高 ${value}。先猜：往右挪一点，它会怎样？`,
        `The point is at ${place}, the curve is ${value} high. Guess first: what does a small nudge to the right do?`,
      );
    }
    const ways = {
      up: this.say("往右是上坡，所以该往左走", "uphill to the right, so go left"),
      down: this.say("往右是下坡，所以该往右走", "downhill to the right, so go right"),
      flat: this.say("这里几乎是平的", "almost level here"),
    };
    const way = ways[trend(slope)], tilt = tidy(slope);
    return this.say(
      `点在 ${place}，曲线高 ${value}，切线斜率 ${tilt}：${way}。`,
      `The point is at ${place}, the curve is ${value} high, the tangent's slope is ${tilt}: ${way}.`,
    );
  }

  /** Axis labels. Only the bowl is the squared error of a line: two valleys are those of a network. */
  #names() {
    if (this.curve === CURVES.bowl) return [this.say("权重 w（分钟/公里）", "weight w (minutes per km)"), this.say("误差的平方", "squared error")];
    return ["w", this.say("损失 L", "loss L")];
  }

  #axes(left, right, top, bottom) {
    const { range } = this.curve;
    const xs = [0, 1, 2, 3, 4, 5, 6, 7], ys = [0, 10, 20, 30, 40];
    const [across, up] = this.#names();
    const label = (x, y, anchor, text) => svg("text", { x, y, "text-anchor": anchor, "font-size": 13, fill: "var(--ink-soft)" }, text);
    return [
      ...ys.map((y) => svg("line", { x1: left, x2: right, y1: this.sy(y), y2: this.sy(y), stroke: "var(--line)" })),
      ...ys.map((y) => label(left - 6, this.sy(y) + 4, "end", String(y))),
      ...xs.map((x) => label(this.sx(x), bottom + 18, "middle", String(x))),
      svg("line", { x1: left, x2: right, y1: this.sy(range[0]), y2: this.sy(range[0]), stroke: "var(--line-strong)" }),
      label(right, bottom + 38, "end", across),
      label(left + 6, top + 12, "start", up),
    ];
  }

  #path() {
    const { f, domain, range } = this.curve, points = [];
    for (let i = 0; i <= 240; i += 1) {
      const x = domain[0] + ((domain[1] - domain[0]) * i) / 240;
      points.push(`${this.sx(x).toFixed(1)},${this.sy(Math.min(f(x), range[1])).toFixed(1)}`);
    }
    return svg("polyline", { points: points.join(" "), fill: "none", stroke: "var(--ink)", "stroke-width": 2.5, "stroke-linejoin": "round" });
  }

  /** The part of the line y = y0 + slope (x - x0) that lies inside the axes. */
  #line(slope, attributes) {
    const { domain, range, f } = this.curve, x0 = this.state.x, y0 = f(x0);
    let [from, to] = domain;
    if (slope !== 0) {
      const ends = range.map((y) => x0 + (y - y0) / slope).sort((a, b) => a - b);
      [from, to] = [Math.max(from, ends[0]), Math.min(to, ends[1])];
    }
    const at = (x) => this.sy(y0 + slope * (x - x0));
    return svg("line", { x1: this.sx(from), y1: at(from), x2: this.sx(to), y2: at(to), "stroke-linecap": "round", ...attributes });
  }

  #tangent() {
    return [this.#line(this.curve.df(this.state.x), { stroke: "var(--leaf)", "stroke-width": 3 })];
  }

  #secant() {
    const { f, domain, range } = this.curve, { x } = this.state, h = this.gap;
    const slope = secantSlope(f, x, h), seen = clamp(x + h, domain);
    return [
      this.#line(slope, { stroke: "var(--series-2)", "stroke-width": 2, "stroke-dasharray": "7 6" }),
      svg("circle", { cx: this.sx(seen), cy: this.sy(Math.min(f(seen), range[1])), r: 5, fill: "var(--paper)", stroke: "var(--series-2)", "stroke-width": 2 }),
    ];
  }

  #words() {
    const { curve, state } = this, slope = curve.df(state.x);
    const here = `w = ${tidy(state.x)}　${this.say("高度", "height")} = ${tidy(curve.f(state.x))}　${this.say("斜率", "slope")} = `;
    if (!state.guess) {
      if (!this.asking) this.question.replaceChildren(this.#asking());
      this.asking = true;
      this.readout.textContent = `${here}?`;
      return;
    }
    this.asking = false;
    this.question.replaceChildren(el("p", {}, this.#verdict(slope)));
    const measured = `　${this.say("割线", "secant")} (h = ${tidy(this.gap, 4)}) = ${tidy(secantSlope(curve.f, state.x, this.gap), 3)}`;
    this.readout.textContent = here + tidy(slope) + (state.secant ? measured : "");
  }

  #verdict(slope) {
    if (this.state.guess === "seen") return this.say("拖动圆点，看切线怎样转。", "Drag the dot and watch the tangent turn.");
    const mark = this.state.guess === trend(slope) ? this.say("猜对了。", "Right. ") : this.say("不是这样。", "Not this time. ");
    const what = {
      up: this.say("切线往右上走：往右挪，曲线变高。", "The tangent rises to the right, and so does the curve."),
      down: this.say("切线往右下走：往右挪，曲线变低。", "The tangent falls to the right, and so does the curve."),
      flat: this.say("切线几乎是平的：挪一点点，高度几乎不变。", "The tangent is almost level: a small nudge changes next to nothing."),
    };
    return mark + what[trend(slope)];
  }

  #asking() {
    const group = el("div", {}, el("p", {}, this.say("先猜：圆点往右挪一点点，曲线会——", "Guess first: nudge the dot a little to the right, and the curve will")));
    const choices = [["down", this.say("变低", "fall")], ["flat", this.say("几乎不变", "stay level")], ["up", this.say("变高", "rise")]];
    for (const [value, label] of choices) group.append(this.button(label, () => this.update({ guess: value })), " ");
    return group;
  }

  #handle() {
    const halo = svg("circle", { r: 15, fill: "none", stroke: "var(--focus)", "stroke-width": 3, visibility: "hidden" });
    const handle = svg("g", { role: "slider", tabindex: 0, "aria-label": this.say("曲线上的点", "Point on the curve") },
      svg("circle", { r: 24, fill: "transparent" }), halo, svg("circle", { r: 9, fill: "var(--leaf)", stroke: "var(--paper)", "stroke-width": 2 }));
    Object.assign(handle.style, { touchAction: "none", cursor: "grab", outline: "none" });
    handle.addEventListener("focus", () => halo.setAttribute("visibility", "visible"));
    handle.addEventListener("blur", () => halo.setAttribute("visibility", "hidden"));
    handle.addEventListener("pointerdown", (event) => { handle.setPointerCapture(event.pointerId); handle.focus(); event.preventDefault(); });
    handle.addEventListener("pointermove", (event) => { if (handle.hasPointerCapture(event.pointerId)) this.#moveTo(this.#valueAt(event.clientX)); });
    handle.addEventListener("click", (event) => event.stopPropagation());
    handle.addEventListener("keydown", (event) => this.#key(event));
    return handle;
  }

  #key(event) {
    const [low, high] = this.curve.domain, unit = (high - low) / 70;
    const keys = { ArrowRight: this.state.x + unit, ArrowLeft: this.state.x - unit, Home: low, End: high };
    const target = { ...keys, ArrowUp: keys.ArrowRight, ArrowDown: keys.ArrowLeft }[event.key];
    if (target === undefined) return;
    event.preventDefault();
    this.#moveTo(target);
  }

  #placeHandle() {
    const { curve, state } = this, value = curve.f(state.x);
    this.handle.setAttribute("transform", `translate(${this.sx(state.x)} ${this.sy(Math.min(value, curve.range[1]))})`);
    this.handle.setAttribute("aria-valuemin", curve.domain[0]);
    this.handle.setAttribute("aria-valuemax", curve.domain[1]);
    this.handle.setAttribute("aria-valuenow", Number(state.x.toFixed(2)));
    this.handle.setAttribute("aria-valuetext", `w = ${tidy(state.x)}, ${this.say("高度", "height")} ${tidy(value)}`);
  }

  #valueAt(clientX) {
    const box = this.picture.getBoundingClientRect(), [low, high] = this.curve.domain;
    const x = ((clientX - box.left) / box.width) * this.picture.viewBox.baseVal.width;
    return low + ((x - this.frame.left) / (this.frame.right - this.frame.left)) * (high - low);
  }

  /** Dragging shows the tangent only after a guess, which would otherwise be worth nothing. */
  #moveTo(x) {
    const guess = this.state.guess ? "seen" : "";
    this.update({ x: clamp(Math.round(x * 20) / 20, this.curve.domain), guess });
  }

  #walk() { this.update({ x: Number(stepDown(this.curve, this.state.x, RATE).toFixed(4)), guess: "seen" }); }

  #ask() {
    const round = (this.state.round + 1) % this.curve.quiz.length;
    this.update({ round, x: this.curve.quiz[round], guess: "" });
  }
}

define("tangent", Tangent);
