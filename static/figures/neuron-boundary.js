/**
 * One neuron with two inputs: z = w1·x1 + w2·x2 + b. The line z = 0 can be dragged (that changes b) and the arrow w
 * can be turned and stretched (that changes w1 and w2). OR and AND can be got right; XOR never, whatever the
 * activation, and the reader guesses that before the computer tries every setting.
 */
import { Figure, define, el, svg } from "../js/figure.js";

/** The four inputs (x1, x2) and their labels in each data set. */
export const inputs = [[0, 0], [0, 1], [1, 0], [1, 1]];
export const labels = { or: [0, 1, 1, 1], and: [0, 0, 0, 1], xor: [0, 1, 1, 0] };

/** The weighted sum of one point `[x1, x2]` for `{w1, w2, b}`. */
export function weightedSum({ w1, w2, b }, [x1, x2]) { return w1 * x1 + w2 * x2 + b; }

/** The activation functions: each takes the weighted sum z; `threshold` is its output at z = 0. */
export const activations = {
  step: (z) => (z > 0 ? 1 : 0),
  sigmoid: (z) => 1 / (1 + Math.exp(-z)),
  tanh: Math.tanh,
  relu: (z) => Math.max(0, z),
};

/** The output above which a point is classified as 1: at z = 0, so that all activations share one boundary. */
export const threshold = { step: 0.5, sigmoid: 0.5, tanh: 0, relu: 0 };

/** How many of the four points of data set `data` a neuron classifies correctly. */
export function correct(neuron, data) {
  return inputs.filter((point, i) => (weightedSum(neuron, point) > 0 ? 1 : 0) === labels[data][i]).length;
}

/** The largest `correct` over every setting of the sliders; returns `{best, tried}`. */
export function searchAll(data, limit = 3, step = 0.1) {
  const steps = Math.round(limit / step);
  let best = 0, tried = 0;
  for (let i = -steps; i <= steps; i++) for (let j = -steps; j <= steps; j++) for (let k = -steps; k <= steps; k++) {
    best = Math.max(best, correct({ w1: i * step, w2: j * step, b: k * step }, data));
    tried++;
  }
  return { best, tried };
}

/** The point of the line z = 0 nearest to `[x1, x2]`, or null if w is zero and there is no line. */
export function nearestOnBoundary(neuron, [x1, x2]) {
  const { w1, w2 } = neuron, square = w1 * w1 + w2 * w2;
  if (square < 1e-9) return null;
  const t = weightedSum(neuron, [x1, x2]) / square;
  return [x1 - t * w1, x2 - t * w2];
}

/** The two ends of the line z = 0 inside the square [low, high]², or null if it misses the square. */
export function boundaryEnds({ w1, w2, b }, low, high) {
  const ends = [];
  const keep = (x, y) => {
    const inside = x >= low - 1e-9 && x <= high + 1e-9 && y >= low - 1e-9 && y <= high + 1e-9;
    if (inside && !ends.some(([p, q]) => Math.abs(p - x) + Math.abs(q - y) < 1e-6)) ends.push([x, y]);
  };
  for (const edge of [low, high]) {
    if (Math.abs(w2) > 1e-9) keep(edge, -(w1 * edge + b) / w2);
    if (Math.abs(w1) > 1e-9) keep(-(w2 * edge + b) / w1, edge);
  }
  return ends.length >= 2 ? ends.slice(0, 2) : null;
}

const LOW = -0.75, HIGH = 1.75, SIZE = 360, PLOT = SIZE / (HIGH - LOW), LIMIT = 3, ARROW = 0.28;
const toX = (x) => (x - LOW) * PLOT, toY = (y) => (HIGH - y) * PLOT;
const clamp = (value) => Math.round(Math.min(LIMIT, Math.max(-LIMIT, value)) * 10) / 10;
const signed = (value) => (value < 0 ? `−${Math.abs(value).toFixed(1)}` : value.toFixed(1));

class NeuronBoundary extends Figure {
  static defaults = { data: "or", activation: "step", w1: 1, w2: -1, b: 0.3, guess: 0, searched: false };

  render() {
    this.best = { or: 0, and: 0, xor: 0 };
    this.addEventListener("figure-reset", () => { this.foot = null; this.best = { or: 0, and: 0, xor: 0 }; });
    this.picture = this.stage.appendChild(svg("svg", { viewBox: `0 0 ${SIZE} ${SIZE}`, role: "group", "aria-label": this.say("平面上的四个点和神经元的边界", "Four points in the plane and the boundary of the neuron") }));
    Object.assign(this.picture.style, { display: "block", width: "100%", maxWidth: "27rem", margin: "0 auto" });
    this.table = this.stage.appendChild(el("div", {}));
    this.controls.append(
      this.choice("data", { label: this.say("要学会的表", "The table to learn"), choices: [["or", this.say("或 OR", "OR")], ["and", this.say("与 AND", "AND")], ["xor", this.say("异或 XOR", "XOR")]] }),
      this.choice("activation", { label: this.say("激活函数", "Activation"), choices: [["step", this.say("阶跃", "step")], ["sigmoid", "sigmoid"], ["tanh", "tanh"], ["relu", "ReLU"]] }),
      this.weightSlider("w1", this.say("权重 w₁", "Weight w₁")),
      this.weightSlider("w2", this.say("权重 w₂", "Weight w₂")),
      this.weightSlider("b", this.say("偏置 b", "Bias b")),
    );
    this.question = this.controls.appendChild(el("div", {}));
    this.question.style.flexBasis = "100%";
    this.#buildPicture();
  }

  weightSlider(key, label) { return this.slider(key, { label, min: -LIMIT, max: LIMIT, step: 0.1, format: signed }); }

  #buildPicture() {
    this.shade = this.picture.appendChild(svg("g", {}));
    this.picture.append(
      svg("line", { x1: 0, y1: toY(0), x2: SIZE, y2: toY(0), stroke: "var(--line-strong)", "stroke-width": 1 }),
      svg("line", { x1: toX(0), y1: 0, x2: toX(0), y2: SIZE, stroke: "var(--line-strong)", "stroke-width": 1 }),
      label(SIZE - 14, toY(0) - 8, "x₁"), label(toX(0) + 14, 18, "x₂"),
    );
    this.line = this.picture.appendChild(svg("line", { stroke: "var(--leaf)", "stroke-width": 4, "stroke-linecap": "round" }));
    this.arrow = this.picture.appendChild(svg("path", { stroke: "var(--leaf)", "stroke-width": 2.5, fill: "none", "stroke-linecap": "round", "stroke-linejoin": "round" }));
    this.points = this.picture.appendChild(svg("g", {}));
    this.lineHandle = this.#handle(this.say("移动边界（改变偏置 b）", "Move the boundary (changes the bias b)"), (x, y) => this.#moveLine(x, y), (dx, dy) => this.#nudgeLine(dx, dy));
    this.arrowHandle = this.#handle(this.say("转动箭头 w（改变两个权重）", "Turn the arrow w (changes both weights)"), (x, y) => this.#moveArrow(x, y), (dx, dy) => this.#turnTo(this.state.w1 + dx / 10, this.state.w2 + dy / 10));
    set(this.arrowHandle.grip, { fill: "var(--leaf)" });
    this.arrowHandle.append(label(0, -14, "w", "var(--leaf)"));
  }

  /** A round handle: `move` gets the pointer's position in the plane, `nudge` the direction of an arrow key. */
  #handle(name, move, nudge) {
    const grip = svg("circle", { r: 9, fill: "var(--paper-raised)", stroke: "var(--leaf)", "stroke-width": 3, tabindex: 0, role: "slider", "aria-label": name, "aria-valuenow": 0 });
    const target = svg("circle", { r: 22, fill: "transparent" });
    const place = (event) => {
      const box = this.picture.getBoundingClientRect();
      return [LOW + ((event.clientX - box.left) / box.width) * (HIGH - LOW), HIGH - ((event.clientY - box.top) / box.height) * (HIGH - LOW)];
    };
    const group = this.picture.appendChild(svg("g", {
      onpointerdown: (event) => { event.preventDefault(); group.setPointerCapture(event.pointerId); grip.focus(); },
      onpointermove: (event) => { if (group.hasPointerCapture(event.pointerId)) move(...place(event)); },
    }, target, grip));
    Object.assign(group.style, { cursor: "grab", touchAction: "none" });
    const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    grip.addEventListener("keydown", (event) => {
      const step = steps[event.key];
      if (!step) return;
      event.preventDefault();
      nudge(...step);
    });
    group.grip = grip;
    return group;
  }

  #moveLine(x, y) {
    this.foot = [x, y];
    this.update({ b: clamp(-(this.state.w1 * x + this.state.w2 * y)) });
  }

  /** One step of b, moving the line in the key's direction. */
  #nudgeLine(dx, dy) {
    const { w1, w2, b } = this.state, along = w1 * dx + w2 * dy || dx + dy;
    this.update({ b: clamp(b - 0.1 * Math.sign(along)) });
  }

  #moveArrow(x, y) { this.#turnTo((x - this.foot[0]) / ARROW, (y - this.foot[1]) / ARROW); }

  /** New weights; b changes with them so that the line turns about the arrow's foot. */
  #turnTo(w1, w2) {
    [w1, w2] = [clamp(w1), clamp(w2)];
    if (w1 === 0 && w2 === 0) return;
    this.update({ w1, w2, b: clamp(-(w1 * this.foot[0] + w2 * this.foot[1])) });
  }

  draw() {
    const { data } = this.state;
    this.best[data] = Math.max(this.best[data], correct(this.state, data));
    this.#drawShade();
    this.#drawBoundary();
    this.#drawPoints();
    this.#drawTable();
    this.#drawQuestion();
  }

  /** The plane in strips across w: the output depends on z only, so a gradient along w is exact. */
  #drawShade() {
    const { activation, w1, w2 } = this.state, id = "neuron-boundary-shade";
    const length = Math.hypot(w1, w2), base = nearestOnBoundary(this.state, [0.5, 0.5]);
    const strength = (z) => (activation === "relu" ? Math.min(1, activations.relu(z) / 3) : activations[activation](z));
    const paint = (z) => { const a = strength(z); return { "stop-color": a >= 0 && !(activation !== "relu" && z < 0) ? "var(--series-1)" : "var(--series-2)", "stop-opacity": opacity(activation, a).toFixed(3) }; };
    if (!base) {
      const stop = paint(this.state.b);
      this.shade.replaceChildren(svg("rect", { width: SIZE, height: SIZE, fill: stop["stop-color"], "fill-opacity": stop["stop-opacity"] }));
      return;
    }
    const reach = 2.6, [ux, uy] = [w1 / length, w2 / length];
    const gradient = svg("linearGradient", { id, gradientUnits: "userSpaceOnUse", x1: toX(base[0] - reach * ux), y1: toY(base[1] - reach * uy), x2: toX(base[0] + reach * ux), y2: toY(base[1] + reach * uy) });
    for (let i = 0; i <= 40; i++) {
      const at = i / 40, z = (at * 2 - 1) * reach * length;
      if (i === 20) gradient.append(svg("stop", { offset: at, ...paint(-1e-6) }), svg("stop", { offset: at, ...paint(1e-6) }));
      else gradient.append(svg("stop", { offset: at, ...paint(z) }));
    }
    this.shade.replaceChildren(gradient, svg("rect", { width: SIZE, height: SIZE, fill: `url(#${id})` }));
  }

  #drawBoundary() {
    const { w1, w2 } = this.state, ends = boundaryEnds(this.state, LOW, HIGH);
    set(this.line, ends ? { x1: toX(ends[0][0]), y1: toY(ends[0][1]), x2: toX(ends[1][0]), y2: toY(ends[1][1]), visibility: "visible" } : { visibility: "hidden" });
    const middle = this.#findFoot(ends);
    const tip = [middle[0] + w1 * ARROW, middle[1] + w2 * ARROW];
    const [px, py, qx, qy] = [toX(middle[0]), toY(middle[1]), toX(tip[0]), toY(tip[1])];
    this.arrow.setAttribute("d", `M${px} ${py}L${qx} ${qy}`);
    place(this.lineHandle, middle, ends !== null);
    place(this.arrowHandle, [Math.min(HIGH - 0.06, Math.max(LOW + 0.06, tip[0])), Math.min(HIGH - 0.06, Math.max(LOW + 0.06, tip[1]))], true);
    set(this.lineHandle.grip, { "aria-valuenow": this.state.b, "aria-valuetext": `b = ${signed(this.state.b)}`, "aria-valuemin": -LIMIT, "aria-valuemax": LIMIT });
    set(this.arrowHandle.grip, { "aria-valuenow": w1, "aria-valuetext": `w₁ = ${signed(w1)}, w₂ = ${signed(w2)}`, "aria-valuemin": -LIMIT, "aria-valuemax": LIMIT });
  }

  /** The arrow's foot: as near as possible to its previous position, so that it does not jump while dragged. */
  #findFoot(ends) {
    const near = nearestOnBoundary(this.state, this.foot ?? [0.5, 0.5]);
    const seen = near?.every((value) => value > LOW + 0.2 && value < HIGH - 0.2);
    const middle = ends ? [(ends[0][0] + ends[1][0]) / 2, (ends[0][1] + ends[1][1]) / 2] : [0.5, 0.5];
    this.foot = seen ? near : middle;
    return this.foot;
  }

  #drawPoints() {
    this.points.replaceChildren(...inputs.map((point, i) => {
      const x = toX(point[0]), y = toY(point[1]), one = labels[this.state.data][i] === 1;
      const right = (weightedSum(this.state, point) > 0) === one;
      const mark = one ? svg("circle", { cx: x, cy: y, r: 12, fill: "var(--series-1)" }) : svg("path", { d: `M${x - 14} ${y}L${x} ${y - 14}L${x + 14} ${y}L${x} ${y + 14}Z`, fill: "var(--series-2)" });
      const digit = label(x, y + 5, one ? "1" : "0", "var(--paper)");
      const wrong = svg("circle", { cx: x, cy: y, r: 20, fill: "none", stroke: "var(--fault)", "stroke-width": 3, "stroke-dasharray": "5 6", visibility: right ? "hidden" : "visible" });
      return svg("g", {}, wrong, mark, digit);
    }));
  }

  #drawTable() {
    const { activation, data } = this.state;
    const head = ["x₁", "x₂", "z", this.say("输出", "Output"), this.say("判断", "Says"), this.say("标签", "Label"), ""];
    const rows = inputs.map((point, i) => {
      const z = weightedSum(this.state, point), says = z > 0 ? 1 : 0, right = says === labels[data][i];
      return [point[0], point[1], signed(z), activations[activation](z).toFixed(2).replace("-", "−"), says, labels[data][i], right ? "✓" : "✗"];
    });
    const table = el("table", {}, el("thead", {}, el("tr", {}, ...head.map((text) => el("th", { scope: "col" }, text)))),
      el("tbody", {}, ...rows.map((row) => el("tr", {}, ...row.map((value) => el("td", {}, String(value)))))));
    Object.assign(table.style, { margin: "0.75rem auto 0", fontVariantNumeric: "tabular-nums", textAlign: "center" });
    for (const cell of table.querySelectorAll("th, td")) cell.style.padding = "0.15rem 0.4rem";
    for (const [i, row] of [...table.tBodies[0].rows].entries()) row.lastChild.style.color = `var(--${rows[i][6] === "✓" ? "leaf" : "fault"})`;
    this.table.replaceChildren(table);
  }

  #drawQuestion() {
    const { data, guess, searched } = this.state, shown = `${data}/${guess}/${searched}`;
    if (this.shown === shown) return;
    this.shown = shown;
    if (data !== "xor") return this.question.replaceChildren();
    const ask = el("p", {}, searched ? this.#verdict() : guess
      ? this.say(`你猜最多能对 ${guess} 个。先自己试试，再让电脑来。`, `Your guess: at most ${guess} right. Try for yourself, then let the computer try.`)
      : this.say("先猜一猜：一个神经元在异或上最多能分对几个点？", "Guess first: on XOR, how many points can one neuron get right at most?"));
    const row = el("div", { class: "figure-actions" });
    if (!guess && !searched) for (const number of [2, 3, 4]) row.append(this.button(String(number), () => this.update({ guess: number })));
    else if (!searched) row.append(this.button(this.say("让电脑把每种设置都试一遍", "Let the computer try every setting"), () => this.update({ searched: true })));
    this.question.replaceChildren(ask, row);
  }

  #verdict() {
    const { best, tried } = searchAll("xor"), right = this.state.guess === best;
    const zh = `三个滑块共 ${tried.toLocaleString("en")} 种设置，全试过了：最多对 ${best} 个。${right ? "你猜对了。" : "和你猜的不一样，下面的正文会说明为什么。"}`;
    const en = `All ${tried.toLocaleString("en")} settings of the three sliders have been tried: at most ${best} are right. ${right ? "You guessed it." : "Not what you guessed; the text below says why."}`;
    return this.say(zh, en);
  }

  describe() {
    const { w1, w2, b, data } = this.state, count = correct(this.state, data), name = data.toUpperCase();
    const sum = `z = ${signed(w1)}·x₁ ${term(w2)}·x₂ ${term(b)}`;
    const line = w1 === 0 && w2 === 0 ? this.say("两个权重都是 0，没有边界", "both weights are 0, there is no boundary") : this.say("边界是一条直线", "the boundary is a straight line");
    return this.say(`${sum}；${line}。${name} 的 4 个点分对了 ${count} 个，到现在最好 ${this.best[data]} 个。`, `${sum}; ${line}. ${count} of the 4 points of ${name} are right, ${this.best[data]} at best so far.`);
  }
}

/** How strongly the plane is tinted for an output `a`. */
function opacity(activation, a) {
  if (activation === "relu") return 0.4 * a;
  if (activation === "tanh") return 0.3 * Math.abs(a);
  return 0.6 * Math.abs(a - 0.5);
}

function term(value) { return `${value < 0 ? "−" : "+"} ${Math.abs(value).toFixed(1)}`; }

function label(x, y, text, fill = "var(--ink-soft)") {
  return svg("text", { x, y, "font-size": 15, "text-anchor": "middle", fill, "pointer-events": "none" }, text);
}

function place(handle, at, visible) {
  handle.at = at;
  set(handle, { transform: `translate(${toX(at[0])} ${toY(at[1])})`, visibility: visible ? "visible" : "hidden" });
}

function set(element, attributes) { for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value); }

define("neuron-boundary", NeuronBoundary);
