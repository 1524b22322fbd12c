/**
 * Temperatures of one day and a polynomial through them: the reader chooses its degree by eye, bets on one, and only then
 * sees the readings that were put aside and the error on them for every degree. More readings and a penalty on large
 * weights (L2) tame the degree that went wrong.
 */
import { Figure, define, el, svg } from "../js/figure.js";

/** Readings as [hour, degrees Celsius]: the lesson's ten at odd hours, and eighteen more at the half hours between them. */
export const TEN = [[3, 16], [5, 16], [7, 19], [9, 20], [11, 24], [13, 28], [15, 28], [17, 24], [19, 25], [21, 19]];
const BETWEEN = [17, 16, 17, 17, 17, 20, 23, 24, 24, 25, 27, 28, 25, 27, 25, 24, 22, 21];
export const READINGS = { 10: TEN, 28: [...TEN, ...BETWEEN.map((y, i) => [3.5 + i, y])] };
export const ASIDE = [[4, 15], [8, 18], [12, 24], [16, 27], [20, 22]];
export const DEGREES = [1, 2, 3, 4, 5, 6, 7, 8, 9];

/** The hours 3 to 21 mapped to -1 to 1, where powers stay small. */
const scaled = (hour) => (hour - 12) / 9;

/** Weights w₀, w₁ … of the polynomial in `scaled(hour)` with the smallest mean squared error plus `penalty` · (w₁² + w₂² + …). */
export function fit(readings, degree, penalty = 0) {
  const rows = readings.map(([hour]) => Array.from({ length: degree + 1 }, (_, k) => scaled(hour) ** k));
  const wanted = readings.map(([, y]) => y), root = Math.sqrt(penalty * readings.length);
  if (penalty) {
    for (let k = 1; k <= degree; k++) {
      rows.push(Array.from({ length: degree + 1 }, (_, j) => (j === k ? root : 0)));
      wanted.push(0);
    }
  }
  return leastSquares(rows, wanted);
}

/** Solves rows · w ≈ wanted: columns orthogonalised one after the other (modified Gram-Schmidt), then back substitution. */
function leastSquares(rows, wanted) {
  const n = rows[0].length, columns = Array.from({ length: n }, (_, k) => rows.map((row) => row[k])), right = [...wanted];
  const upper = Array.from({ length: n }, () => Array(n).fill(0)), projected = Array(n).fill(0);
  const dot = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0);
  const remove = (from, column, share) => { for (let i = 0; i < from.length; i++) from[i] -= share * column[i]; };
  for (let k = 0; k < n; k++) {
    upper[k][k] = Math.sqrt(dot(columns[k], columns[k]));
    columns[k] = columns[k].map((value) => value / upper[k][k]);
    for (let j = k + 1; j < n; j++) {
      upper[k][j] = dot(columns[k], columns[j]);
      remove(columns[j], columns[k], upper[k][j]);
    }
    projected[k] = dot(columns[k], right);
    remove(right, columns[k], projected[k]);
  }
  const weights = Array(n).fill(0);
  for (let k = n - 1; k >= 0; k--) {
    let value = projected[k];
    for (let j = k + 1; j < n; j++) value -= upper[k][j] * weights[j];
    weights[k] = value / upper[k][k];
  }
  return weights;
}

/** The polynomial's temperature at `hour`. */
export function predict(weights, hour) {
  return weights.reduceRight((sum, weight) => sum * scaled(hour) + weight, 0);
}

/** Mean squared error on readings, in square degrees. */
export function error(weights, readings) {
  return readings.reduce((sum, [hour, y]) => sum + (predict(weights, hour) - y) ** 2, 0) / readings.length;
}

const WIDTH = 360, DAY = { x: 30, y: 10, width: 322, height: 190, from: 2.5, to: 21.5, low: 8, high: 34 };
const BARS = { x: 30, y: 258, width: 322, height: 74, top: 13 };
const across = (hour) => DAY.x + ((hour - DAY.from) / (DAY.to - DAY.from)) * DAY.width;
const up = (y) => DAY.y + DAY.height * (1 - (y - DAY.low) / (DAY.high - DAY.low));

class FitDegree extends Figure {
  static defaults = { degree: 1, readings: "10", penalty: "0", bet: 0 };

  get degree() { return Math.min(9, Math.max(1, Math.round(this.state.degree))); }
  get points() { return READINGS[this.state.readings] ?? TEN; }
  get penalty() { return ["0", "0.001", "1"].includes(this.state.penalty) ? Number(this.state.penalty) : 0; }

  render() {
    this.picture = this.stage.appendChild(svg("svg", { viewBox: `0 0 ${WIDTH} 354`, "aria-hidden": "true" }));
    Object.assign(this.picture.style, { display: "block", width: "100%", maxWidth: "34rem", margin: "0 auto" });
    this.controls.append(this.slider("degree", { label: this.say("次数", "Degree"), min: 1, max: 9, step: 1 }));
    this.wager = this.controls.appendChild(el("div", {}));
    this.after = this.controls.appendChild(el("div", {}));
    this.after.style.flexBasis = "100%";
    this.after.append(
      this.choice("readings", { label: this.say("训练读数", "Training readings"), choices: [["10", "10"], ["28", "28"]] }),
      this.choice("penalty", { label: "L2 λ", choices: [["0", "0"], ["0.001", "0.001"], ["1", "1"]] }),
    );
  }

  draw() {
    const fits = DEGREES.map((degree) => fit(this.points, degree, this.penalty));
    this.picture.replaceChildren(...this.#day(fits[this.degree - 1]), ...(this.state.bet ? this.#errors(fits) : this.#covered()));
    this.after.hidden = !this.state.bet;
    if (this.shownBet === this.state.bet) return;
    this.shownBet = this.state.bet;
    this.wager.replaceChildren(this.state.bet
      ? el("p", {}, this.say(`你押的是 ${this.state.bet} 次。`, `Your bet: degree ${this.state.bet}.`))
      : this.button(this.say("我押这一条", "I bet on this one"), () => this.update({ bet: this.degree })));
  }

  #day(weights) {
    const path = [];
    for (let i = 0; i <= 240; i++) {
      const hour = 3 + (18 * i) / 240, y = Math.min(DAY.high, Math.max(DAY.low, predict(weights, hour)));
      path.push(`${across(hour).toFixed(1)} ${up(y).toFixed(1)}`);
    }
    return [
      line(DAY.x, up(DAY.low), DAY.x + DAY.width, up(DAY.low)), line(DAY.x, up(DAY.low), DAY.x, DAY.y),
      ...[10, 20, 30].map((y) => text(DAY.x - 5, up(y) + 5, y, "end")),
      ...[3, 9, 15, 21].map((hour) => text(across(hour), up(DAY.low) + 17, this.say(`${hour} 点`, `${hour}:00`), hour === 21 ? "end" : "middle")),
      text(DAY.x + 6, DAY.y + 10, "°C", "start"),
      svg("path", { d: `M${path.join("L")}`, fill: "none", stroke: "var(--leaf)", "stroke-width": 3, "stroke-linejoin": "round" }),
      ...this.points.map(([hour, y]) => svg("circle", { cx: across(hour), cy: up(y), r: 5, fill: "var(--series-1)" })),
      ...(this.state.bet ? ASIDE.map(([hour, y]) => diamond(across(hour), up(y))) : []),
    ];
  }

  #covered() {
    return [
      svg("rect", { x: BARS.x, y: BARS.y - 6, width: BARS.width, height: 92, rx: 6, fill: "var(--paper-sunken)" }),
      text(WIDTH / 2, BARS.y + 44, this.say("先押一条，再看验证误差", "Bet first, then see the validation error"), "middle", { "font-size": 15 }),
    ];
  }

  #errors(fits) {
    const { x, y, width, height, top } = BARS, place = (degree) => x + ((degree - 0.5) / 9) * width;
    const high = (value) => y + height * (1 - Math.min(top, value) / top);
    const curve = (readings, colour, dash) => svg("path", {
      d: `M${fits.map((weights, i) => `${place(i + 1).toFixed(1)} ${high(error(weights, readings)).toFixed(1)}`).join("L")}`,
      fill: "none", stroke: colour, "stroke-width": 2.5, "stroke-dasharray": dash,
    });
    const now = fits[this.degree - 1];
    return [
      svg("rect", { x: place(this.degree) - 14, y: y - 6, width: 28, height: height + 10, rx: 5, fill: "var(--paper-sunken)" }),
      line(x, y + height, x + width, y + height),
      ...DEGREES.map((degree) => text(place(degree), y + height + 17, degree, "middle")),
      ...[0, 5, 10].map((value) => text(x - 5, high(value) + 5, value, "end")),
      text(x + 4, y - 14, this.say("均方误差：● 训练，◆ 验证", "mean squared error: ● training, ◆ validation"), "start"),
      curve(this.points, "var(--series-1)", "none"), curve(ASIDE, "var(--series-2)", "6 4"),
      svg("circle", { cx: place(this.degree), cy: high(error(now, this.points)), r: 5, fill: "var(--series-1)" }),
      diamond(place(this.degree), high(error(now, ASIDE))),
    ];
  }

  describe() {
    const weights = fit(this.points, this.degree, this.penalty), train = error(weights, this.points).toFixed(2), count = this.points.length;
    const penalty = this.penalty ? this.say(`，L2 的 λ 是 ${this.penalty}`, ` with L2, λ ${this.penalty}`) : "";
    const line = this.say(`${this.degree} 次曲线，${count} 个训练读数${penalty}：训练误差 ${train}`, `Degree ${this.degree} on ${count} training readings${penalty}: training error ${train}`);
    if (!this.state.bet) return this.say(`${line}，验证误差还盖着。`, `${line}; the validation error is still covered.`);
    const validation = error(weights, ASIDE).toFixed(2), best = bestDegree(this.points, this.penalty);
    return this.say(`${line}，验证误差 ${validation}。这样设置，验证误差最小的是 ${best} 次。`, `${line}, validation error ${validation}. With these settings degree ${best} has the smallest validation error.`);
  }
}

/** The degree with the smallest error on the held-out readings. */
export function bestDegree(readings, penalty = 0) {
  const errors = DEGREES.map((degree) => error(fit(readings, degree, penalty), ASIDE));
  return DEGREES[errors.indexOf(Math.min(...errors))];
}

function line(x1, y1, x2, y2) { return svg("line", { x1, y1, x2, y2, stroke: "var(--line-strong)", "stroke-width": 1 }); }

function diamond(x, y) { return svg("path", { d: `M${x} ${y - 7}L${x + 7} ${y}L${x} ${y + 7}L${x - 7} ${y}Z`, fill: "var(--series-2)" }); }

function text(x, y, content, anchor, attributes = {}) {
  return svg("text", { x, y, "text-anchor": anchor, "font-size": 14, fill: "var(--ink-soft)", ...attributes }, String(content));
}

define("fit-degree", FitDegree);
