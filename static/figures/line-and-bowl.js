/**
 * Four deliveries, a line that the reader drags, and the bowl of its loss over (w, b). The bowl stays covered until
 * the reader has fitted by hand; then gradient descent walks in it, with raw or with standardised distances.
 */
import { Figure, define, svg } from "../js/figure.js";

/** Four deliveries: [kilometres, minutes]. The same four as in the lesson's text. */
export const POINTS = [[1, 5], [2, 7], [3, 8], [4, 12]];

export const RATES = [0.01, 0.02, 0.05, 0.1, 0.11, 0.12, 0.13, 0.2, 0.5, 0.9, 1, 1.1];

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Mean squared error of ŷ = w x + b over `points`, in minutes squared. */
export const loss = (points, w, b) => mean(points.map(([x, y]) => (w * x + b - y) ** 2));

/** The gradient of `loss`: [∂L/∂w, ∂L/∂b]. */
export const gradient = (points, w, b) => [2 * mean(points.map(([x, y]) => (w * x + b - y) * x)), 2 * mean(points.map(([x, y]) => w * x + b - y))];

/** The distances with mean 0 and (population) standard deviation 1; returns the points and both numbers. */
export function standardise(points) {
  const m = mean(points.map(([x]) => x)), s = Math.sqrt(mean(points.map(([x]) => (x - m) ** 2)));
  return { points: points.map(([x, y]) => [(x - m) / s, y]), mean: m, deviation: s };
}

/** The same line in the other coordinates: slope and intercept over (x - mean) / deviation, and back. */
export const toStandard = ([w, b], { mean: m, deviation: s }) => [w * s, b + w * m];
export const toRaw = ([w, b], { mean: m, deviation: s }) => [w / s, b - (w * m) / s];

/** The minimum of the loss (w, b), by least squares. */
export function best(points) {
  const mx = mean(points.map(([x]) => x)), my = mean(points.map(([, y]) => y));
  const w = mean(points.map(([x, y]) => (x - mx) * (y - my))) / mean(points.map(([x]) => (x - mx) ** 2));
  return [w, my - w * mx];
}

/** One step of full-batch gradient descent. */
export function descend(points, [w, b], rate) {
  const [dw, db] = gradient(points, w, b);
  return [w - rate * dw, b - rate * db];
}

/** The axes of the loss's bowl: L = least + q(w, b) with q's eigenvalues, largest first, and the angle of the first one's axis. */
export function bowlShape(points) {
  const a = mean(points.map(([x]) => x * x)), c = mean(points.map(([x]) => x));
  const middle = (a + 1) / 2, spread = Math.hypot((a - 1) / 2, c);
  return { steep: middle + spread, flat: middle - spread, angle: 0.5 * Math.atan2(2 * c, a - 1) };
}

/** Above this learning rate full-batch gradient descent grows without bound: 2 / the largest curvature. */
export const limitRate = (points) => 1 / bowlShape(points).steep;

export function tidy(value, digits = 2) {
  if (Math.abs(value) >= 1e6) return value.toExponential(1).replace("e+", " × 10^").replace("-", "−");
  return String(Number(value.toFixed(digits)) || 0).replace("-", "−");
}

const STANDARD = standardise(POINTS);
/** Contours at these heights above the minimum, the widest first so that the inner ones are on top. */
const LEVELS = [64, 16, 4, 1, 0.25];
const RIM = { stroke: "var(--paper)", "stroke-width": 2 };
const HUGE = 1e12;
const round = (value) => Number(value.toPrecision(10));

export class LineAndBowl extends Figure {
  static defaults = { w: 0, b: 0, rate: 2, scaled: false, open: false, steps: 0 };

  get points() { return this.state.scaled ? STANDARD.points : POINTS; }
  get place() { return this.state.scaled ? toStandard([this.state.w, this.state.b], STANDARD) : [this.state.w, this.state.b]; }

  render() {
    Object.assign(this.stage.style, { display: "flex", flexWrap: "wrap", gap: "16px" });
    this.trail = [];
    this.left = this.#panel(this.say("四单外卖和一条直线", "Four deliveries and a line"));
    this.right = this.#panel(this.say("误差的碗", "The bowl of the loss"));
    this.ends = [0.5, 4.5].map((x, i) => {
      const label = i ? this.say("直线右端", "Right end of the line") : this.say("直线左端", "Left end of the line");
      return this.#handle(this.left, label, (at) => this.#lift(x, at.y), (dx, dy) => this.#lift(x, this.#height(x) + dy * 0.1));
    });
    const nudge = (dx, dy) => this.#place([this.place[0] + dx * 0.1, this.place[1] + dy * 0.1]);
    this.ball = this.#handle(this.right, this.say("碗里的点 (w, b)", "Point (w, b) in the bowl"), (at) => this.#place([at.x, at.y]), nudge);
    this.readout = this.controls.appendChild(document.createElement("p"));
    this.readout.className = "figure-readout";
    this.cover = this.controls.appendChild(this.button(this.say("拖好了，掀开碗", "Done dragging, uncover the bowl"), () => this.update({ open: true })));
    this.walking = this.controls.appendChild(document.createElement("div"));
    const scales = [[false, this.say("公里（原样）", "Kilometres, as they are")], [true, this.say("标准化", "Standardised")]];
    this.walking.append(
      this.choice("scaled", { label: this.say("距离用", "Distance in"), choices: scales }),
      this.slider("rate", { label: this.say("学习率 η", "Learning rate η"), min: 0, max: RATES.length - 1, step: 1, format: (index) => String(RATES[index]) }),
      this.button(this.say("走一步", "One step"), () => this.#walk(1)), " ",
      this.button(this.say("走二十步", "Twenty steps"), () => this.#walk(20)), " ",
      this.button(this.say("回到起点", "Back to the start"), () => { this.trail = []; this.update({ w: 0, b: 0, steps: 0 }); }),
    );
    this.addEventListener("figure-reset", () => { this.trail = []; this.bestByHand = undefined; });
  }

  draw() {
    const { state } = this, [w, b] = this.place, wide = this.stage.clientWidth >= 620;
    for (const panel of [this.left, this.right]) panel.svg.style.flex = wide ? "1 1 280px" : "1 1 100%";
    this.#frame(this.left, { x: [0, 5], y: [0, 16] });
    const [cw, cb] = state.scaled ? [2.5, 8] : [2.2, 2.5], reach = state.scaled ? 10 : 5;
    this.#frame(this.right, { x: [cw - reach, cw + reach], y: [cb - reach, cb + reach] });
    this.left.back.replaceChildren(...this.#data());
    this.right.back.replaceChildren(...(state.open ? this.#bowl() : this.#cloth()));
    [0.5, 4.5].forEach((x, i) => this.#put(this.ends[i], this.left, x, this.#height(x), `${tidy(this.#height(x))} ${this.say("分钟", "minutes")}`));
    this.#put(this.ball, this.right, w, b, `w = ${tidy(w)}, b = ${tidy(b)}`);
    this.ball.setAttribute("visibility", state.open ? "visible" : "hidden");
    this.ball.setAttribute("tabindex", state.open ? 0 : -1);
    this.cover.hidden = state.open;
    this.walking.hidden = !state.open;
    this.readout.textContent = this.#numbers();
  }

  describe() {
    const { state } = this, now = loss(POINTS, state.w, state.b), text = tidy(now);
    const line = this.say(
      `直线：每公里 ${tidy(state.w)} 分钟，起步 ${tidy(state.b)} 分钟；均方误差 ${text}。`,
      `The line: ${tidy(state.w)} minutes per km plus ${tidy(state.b)} minutes; mean squared error ${text}.`,
    );
    if (!state.open) return line + this.say("碗还盖着。", " The bowl is still covered.");
    if (now > 1000) return line + this.say("点已经飞出碗外：学习率太大。", " The point has flown out of the bowl: the learning rate is too large.");
    const least = loss(POINTS, ...best(POINTS));
    return line + this.say(`走了 ${state.steps} 步；碗底是 ${tidy(least)}。`, ` Steps taken: ${state.steps}; the bottom of the bowl is ${tidy(least)}.`);
  }

  #numbers() {
    const { state } = this, now = loss(POINTS, state.w, state.b), parts = [`${this.say("均方误差", "Mean squared error")} = ${tidy(now)}`];
    if (this.bestByHand !== undefined) parts.push(`${this.say("手调最好", "best by hand")} = ${tidy(this.bestByHand)}`);
    if (state.open) {
      const [dw, db] = gradient(this.points, ...this.place);
      parts.push(`${this.say("碗底", "bottom")} = ${tidy(loss(POINTS, ...best(POINTS)))}`);
      parts.push(`${this.say("梯度", "gradient")} = (${tidy(dw)}, ${tidy(db)})`, `${this.say("步数", "steps")} = ${state.steps}`);
    }
    return parts.join("　");
  }

  #height(x) { return this.state.w * x + this.state.b; }

  /** Move one end of the line to height `y` and keep the other where it is. */
  #lift(x, y) {
    const other = x === 0.5 ? 4.5 : 0.5, keep = this.#height(other), w = (y - keep) / (x - other);
    this.#byHand([w, y - w * x]);
  }

  #place(place) { this.#byHand(this.state.scaled ? toRaw(place, STANDARD) : place); }

  #byHand([w, b]) {
    this.trail = [];
    const grid = (value) => Number(value.toFixed(3));
    const now = loss(POINTS, grid(w), grid(b));
    this.bestByHand = Math.min(this.bestByHand ?? Infinity, now);
    this.update({ w: grid(w), b: grid(b), steps: 0 });
  }

  #walk(count) {
    let raw = [this.state.w, this.state.b], { steps } = this.state;
    for (let i = 0; i < count && loss(POINTS, ...raw) < HUGE; i += 1, steps += 1) {
      this.trail.push(raw);
      const place = this.state.scaled ? toStandard(raw, STANDARD) : raw;
      const next = descend(this.points, place, RATES[this.state.rate]);
      raw = (this.state.scaled ? toRaw(next, STANDARD) : next).map(round);
    }
    this.trail = this.trail.slice(-200);
    this.update({ w: raw[0], b: raw[1], steps });
  }

  #panel(label) {
    const picture = svg("svg", { role: "group", "aria-label": label });
    Object.assign(picture.style, { display: "block", minWidth: "0" });
    this.stage.append(picture);
    return { svg: picture, back: picture.appendChild(svg("g")), label };
  }

  /** Scales of a panel; its view box has as many units as its box has pixels, so that text keeps its size. */
  #frame(panel, { x, y }) {
    const whole = this.stage.clientWidth, width = Math.round(Math.max(240, Math.min(460, whole >= 620 ? (whole - 16) / 2 : whole)));
    panel.svg.setAttribute("viewBox", `0 0 ${width} ${width}`);
    const left = 38, right = width - 24, top = 24, bottom = top + (right - left);
    Object.assign(panel, { left, right, top, bottom, x, y });
    panel.sx = (value) => left + ((value - x[0]) / (x[1] - x[0])) * (right - left);
    panel.sy = (value) => bottom - ((value - y[0]) / (y[1] - y[0])) * (bottom - top);
  }

  #text(x, y, text, attributes = {}) { return svg("text", { x, y, "font-size": 13, fill: "var(--ink-soft)", ...attributes }, text); }

  #axes(panel, xs, ys, xName, yName) {
    const { left, right, top, bottom, sx, sy } = panel;
    return [
      ...ys.map((y) => svg("line", { x1: left, x2: right, y1: sy(y), y2: sy(y), stroke: "var(--line)" })),
      ...ys.map((y) => this.#text(left - 6, sy(y) + 4, String(y).replace("-", "−"), { "text-anchor": "end" })),
      ...xs.map((x) => this.#text(sx(x), bottom + 17, String(x).replace("-", "−"), { "text-anchor": "middle" })),
      svg("line", { x1: left, x2: right, y1: bottom, y2: bottom, stroke: "var(--line-strong)" }),
      this.#text(left, top - 10, yName), this.#text(right, bottom + 35, xName, { "text-anchor": "end" }),
    ];
  }

  #data() {
    const panel = this.left, { sx, sy, y } = panel, { w, b } = this.state;
    const parts = this.#axes(panel, [0, 1, 2, 3, 4, 5], [0, 4, 8, 12, 16], this.say("距离（公里）", "distance (km)"), this.say("用时（分钟）", "time (minutes)"));
    const inside = (value) => Math.min(y[1], Math.max(y[0], value));
    for (const [km, minutes] of POINTS) {
      parts.push(svg("line", { x1: sx(km), x2: sx(km), y1: sy(minutes), y2: sy(inside(w * km + b)), stroke: "var(--series-2)", "stroke-width": 3 }));
    }
    let [from, to] = [0, 5];
    if (w !== 0) {
      const ends = y.map((value) => (value - b) / w).sort((p, q) => p - q);
      [from, to] = [Math.max(0, ends[0]), Math.min(5, ends[1])];
    }
    const start = w * from + b, visible = from < to && start >= y[0] - 1e-9 && start <= y[1] + 1e-9;
    const stroke = { stroke: "var(--leaf)", "stroke-width": 3, "stroke-linecap": "round" };
    if (visible) parts.push(svg("line", { x1: sx(from), y1: sy(start), x2: sx(to), y2: sy(w * to + b), ...stroke }));
    for (const [km, minutes] of POINTS) parts.push(svg("circle", { cx: sx(km), cy: sy(minutes), r: 6, fill: "var(--series-1)", ...RIM }));
    return parts;
  }

  #cloth() {
    const { left, right, top, bottom } = this.right, x = (left + right) / 2, y = (top + bottom) / 2;
    return [
      svg("rect", { x: left, y: top, width: right - left, height: bottom - top, rx: 8, fill: "var(--leaf-wash)" }),
      this.#text(x, y - 8, this.say("碗盖着", "The bowl is covered"), { "text-anchor": "middle", fill: "var(--ink)", "font-size": 16 }),
      this.#text(x, y + 18, this.say("先用手拖直线的两端", "First drag the ends of the line"), { "text-anchor": "middle" }),
    ];
  }

  #bowl() {
    const panel = this.right, { sx, sy, left, right, top, bottom } = panel, [w, b] = best(this.points);
    const inner = svg("svg", { x: left, y: top, width: right - left, height: bottom - top, overflow: "hidden" });
    inner.style.width = `${right - left}px`; // the page's CSS makes every drawing as wide as its stage
    const group = inner.appendChild(svg("g", { transform: `translate(${-left} ${-top})` }));
    const bottomMark = svg("path", { d: `M${sx(w) - 5} ${sy(b)}h10M${sx(w)} ${sy(b) - 5}v10`, stroke: "var(--ink)", "stroke-width": 2 });
    group.append(...LEVELS.map((level) => this.#ring(level, [w, b])), bottomMark, ...this.#trail());
    const ticks = this.state.scaled ? [[-4, 0, 4, 8, 12], [0, 4, 8, 12, 16]] : [[-2, 0, 2, 4, 6], [-2, 0, 2, 4, 6]];
    const axes = this.#axes(panel, ...ticks, this.say("w：斜率", "w: slope"), this.say("b：截距", "b: intercept"));
    return [inner, ...axes.filter((node) => node.localName !== "line")];
  }

  /** The ellipse on which the loss is `level` above its minimum. */
  #ring(level, [w, b]) {
    const { sx, sy } = this.right, { steep, flat, angle } = bowlShape(this.points), points = [];
    for (let i = 0; i <= 120; i += 1) {
      const t = (i / 120) * 2 * Math.PI, u = Math.sqrt(level / steep) * Math.cos(t), v = Math.sqrt(level / flat) * Math.sin(t);
      const x = w + u * Math.cos(angle) - v * Math.sin(angle), y = b + u * Math.sin(angle) + v * Math.cos(angle);
      points.push(`${sx(x).toFixed(1)},${sy(y).toFixed(1)}`);
    }
    return svg("polygon", { points: points.join(" "), fill: "var(--leaf-wash)", "fill-opacity": 0.5, stroke: "var(--leaf)", "stroke-width": 1.2 });
  }

  #trail() {
    if (!this.trail.length) return [];
    const near = (value) => Math.max(-1e4, Math.min(1e4, value));
    const places = [...this.trail, [this.state.w, this.state.b]].map((raw) => {
      const [w, b] = this.state.scaled ? toStandard(raw, STANDARD) : raw;
      return [near(this.right.sx(w)), near(this.right.sy(b))];
    });
    const points = places.map((place) => place.map((value) => value.toFixed(1)).join(",")).join(" ");
    return [
      svg("polyline", { points, fill: "none", stroke: "var(--series-2)", "stroke-width": 2, "stroke-linejoin": "round" }),
      ...places.slice(0, -1).map(([cx, cy]) => svg("circle", { cx, cy, r: 3, fill: "var(--series-2)" })),
    ];
  }

  #handle(panel, label, onDrag, onKey) {
    const halo = svg("circle", { r: 14, fill: "none", stroke: "var(--focus)", "stroke-width": 3, visibility: "hidden" });
    const dot = svg("circle", { r: 9, fill: "var(--leaf)", ...RIM });
    const handle = svg("g", { role: "slider", tabindex: 0, "aria-label": label }, svg("circle", { r: 24, fill: "transparent" }), halo, dot);
    panel.svg.append(handle);
    Object.assign(handle.style, { touchAction: "none", cursor: "grab", outline: "none" });
    handle.addEventListener("focus", () => halo.setAttribute("visibility", "inherit"));
    handle.addEventListener("blur", () => halo.setAttribute("visibility", "hidden"));
    handle.addEventListener("pointerdown", (event) => { handle.setPointerCapture(event.pointerId); handle.focus(); event.preventDefault(); });
    handle.addEventListener("pointermove", (event) => { if (handle.hasPointerCapture(event.pointerId)) onDrag(this.#valueAt(panel, event)); });
    handle.addEventListener("keydown", (event) => {
      const move = { ArrowUp: [0, 1], ArrowDown: [0, -1], ArrowRight: [1, 0], ArrowLeft: [-1, 0] }[event.key];
      if (!move) return;
      event.preventDefault();
      onKey(move[0] * (event.shiftKey ? 5 : 1), move[1] * (event.shiftKey ? 5 : 1));
    });
    return handle;
  }

  /** Place a handle at (x, y); outside the panel it stays at the border. `text` is its screen-reader label. */
  #put(handle, panel, x, y, text) {
    const px = Math.min(panel.right, Math.max(panel.left, panel.sx(x))), py = Math.min(panel.bottom, Math.max(panel.top, panel.sy(y)));
    handle.setAttribute("transform", `translate(${px.toFixed(1)} ${py.toFixed(1)})`);
    handle.setAttribute("aria-valuenow", Number(y.toPrecision(3)));
    handle.setAttribute("aria-valuemin", panel.y[0]);
    handle.setAttribute("aria-valuemax", panel.y[1]);
    handle.setAttribute("aria-valuetext", text);
  }

  #valueAt(panel, event) {
    const box = panel.svg.getBoundingClientRect(), view = panel.svg.viewBox.baseVal;
    const px = ((event.clientX - box.left) / box.width) * view.width, py = ((event.clientY - box.top) / box.height) * view.height;
    const at = (value, from, to, [low, high]) => Math.min(high, Math.max(low, low + ((value - from) / (to - from)) * (high - low)));
    return { x: at(px, panel.left, panel.right, panel.x), y: at(py, panel.bottom, panel.top, panel.y) };
  }
}

define("line-and-bowl", LineAndBowl);
