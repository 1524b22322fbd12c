/**
 * How much blame reaches each layer of a deep network before its first step, without and with shortcuts and batch normalisation.
 *
 * A small network of dense layers with ReLU really computes it: 32 random examples of 24 numbers go forwards, the slopes go back. The
 * weights are drawn as Keras draws them by default (Glorot). A block is two layers; a shortcut adds what goes into a block to what comes out.
 */
import { Figure, define, svg } from "../js/figure.js";
import { bellOf, randomOf } from "../js/random.js";

export const WIDTH = 24, EXAMPLES = 32, MOST_BLOCKS = 20;

const table = (rows, columns, draw) => Array.from({ length: rows }, () => Float64Array.from({ length: columns }, draw));

/** (examples, width) x (width, width). */
const times = (x, w) => x.map((row) => Float64Array.from({ length: WIDTH }, (_, j) => row.reduce((sum, value, i) => sum + value * w[i][j], 0)));
const turned = (w) => w.map((_, i) => Float64Array.from(w, (row) => row[i]));
const added = (a, b) => a.map((row, n) => row.map((value, i) => value + b[n][i]));

/** Each column with mean 0 and standard deviation 1 over the examples; and the standard deviations. */
export function normalised(x) {
  const y = x.map((row) => Float64Array.from(row)), deviations = new Float64Array(WIDTH);
  for (let i = 0; i < WIDTH; i++) {
    const mean = x.reduce((sum, row) => sum + row[i], 0) / x.length;
    deviations[i] = Math.sqrt(x.reduce((sum, row) => sum + (row[i] - mean) ** 2, 0) / x.length + 1e-3);
    for (const [n, row] of x.entries()) y[n][i] = (row[i] - mean) / deviations[i];
  }
  return { y, deviations };
}

/** The slopes before `normalised`, from those after it. */
function throughNormalisation(slopes, { y, deviations }) {
  const back = slopes.map((row) => Float64Array.from(row));
  for (let i = 0; i < WIDTH; i++) {
    const mean = slopes.reduce((sum, row) => sum + row[i], 0) / slopes.length;
    const along = slopes.reduce((sum, row, n) => sum + row[i] * y[n][i], 0) / slopes.length;
    for (const [n, row] of slopes.entries()) back[n][i] = (row[i] - mean - y[n][i] * along) / deviations[i];
  }
  return back;
}

/** An untrained network: its layers' weights, the examples, and the slopes of the loss with respect to what comes out. */
export function network(blocks, seed = 1) {
  const die = randomOf(seed), bell = bellOf(die);
  const limit = Math.sqrt(6 / (WIDTH + WIDTH));
  const layers = Array.from({ length: 2 * blocks }, () => ({ w: table(WIDTH, WIDTH, () => (2 * die() - 1) * limit) }));
  return { layers, examples: table(EXAMPLES, WIDTH, bell), slopes: table(EXAMPLES, WIDTH, bell) };
}

/** What comes out; each layer remembers what went in and which scores were above 0. */
export function forwards({ layers, examples }, { shortcuts, normalise }) {
  let x = examples, before = examples;
  for (const [number, layer] of layers.entries()) {
    const isSecond = number % 2 === 1;
    if (!isSecond) before = x;
    layer.x = x;
    let z = times(x, layer.w);
    if (normalise) z = (layer.normal = normalised(z)).y;
    if (isSecond && shortcuts) z = added(z, before);
    layer.isOpen = z.map((row) => row.map((value) => (value > 0 ? 1 : 0)));
    x = z.map((row) => row.map((value) => Math.max(0, value)));
  }
  return x;
}

/** For each layer the slopes of its weights, (width, width), after `forwards`. */
export function backwards({ layers, slopes }, { shortcuts, normalise }) {
  const found = [];
  let around = null;
  for (const [number, layer] of [...layers.entries()].reverse()) {
    const isSecond = number % 2 === 1;
    slopes = slopes.map((row, n) => row.map((value, i) => value * layer.isOpen[n][i]));
    if (isSecond) around = slopes;
    if (normalise) slopes = throughNormalisation(slopes, layer.normal);
    const { x } = layer, after = slopes;
    found.unshift(table(WIDTH, WIDTH, () => 0).map((row, i) => row.map((_, j) => x.reduce((sum, each, n) => sum + each[i] * after[n][j], 0))));
    slopes = times(slopes, turned(layer.w));
    if (!isSecond && shortcuts) slopes = added(slopes, around);
  }
  return found;
}

/** For each layer, from the first to the last, the mean size of the slopes of its weights, per example. */
export function blame({ blocks, ...settings }) {
  const net = network(blocks);
  forwards(net, settings);
  return backwards(net, settings).map((w) => w.reduce((sum, row) => sum + row.reduce((all, value) => all + Math.abs(value), 0), 0) / (WIDTH * WIDTH * EXAMPLES));
}

/** Powers of ten on the axis. */
const LOWEST = -12, HIGHEST = 3;
export const height = (value) => Math.min(1, Math.max(0, (Math.log10(Math.max(value, 1e-300)) - LOWEST) / (HIGHEST - LOWEST)));

const TOP = 22, PLOT = 190, BOTTOM = 26;

class ShortcutGradients extends Figure {
  static defaults = { blocks: 18, shortcuts: "no", normalise: "no" };

  /** An address may contain anything. */
  get seen() {
    return {
      blocks: Math.min(MOST_BLOCKS, Math.max(1, Math.round(this.state.blocks))),
      shortcuts: this.state.shortcuts === "yes", normalise: this.state.normalise === "yes",
    };
  }

  render() {
    this.root = this.stage.appendChild(svg("svg", { role: "img" }));
    this.root.style.cssText = "display:block;width:100%";
    const onOff = [["no", this.say("关", "off")], ["yes", this.say("开", "on")]];
    this.controls.style.gap = "var(--space-1) var(--space-5)";
    this.controls.append(
      this.slider("blocks", { label: this.say("几块（一块两层）", "Blocks of two layers"), min: 1, max: MOST_BLOCKS, step: 1 }),
      this.choice("shortcuts", { label: this.say("跳跃连接", "Shortcuts"), choices: onOff }),
      this.choice("normalise", { label: this.say("批归一化", "Batch normalisation"), choices: onOff }));
  }

  draw() {
    const sizes = blame(this.seen), width = Math.max(280, this.stage.clientWidth), left = 46;
    // What was shown before stays as a pale ghost behind what is shown now.
    const key = JSON.stringify(this.seen);
    if (this.last && this.last.key !== key) this.ghost = this.last.sizes;
    this.last = { key, sizes };
    const pitch = (width - left - 4) / sizes.length, y = (share) => TOP + PLOT * (1 - share);
    const x = (place, count) => left + (place + 0.5) * ((width - left - 4) / count);
    this.root.setAttribute("viewBox", `0 0 ${width} ${TOP + PLOT + BOTTOM}`);
    this.root.setAttribute("aria-label", this.describe());
    const grid = [-12, -9, -6, -3, 0, 3].flatMap((power) => {
      const at = y((power - LOWEST) / (HIGHEST - LOWEST));
      return [svg("line", { x1: left, x2: width, y1: at, y2: at, stroke: "var(--line)" }), label(left - 6, at + 5, power ? `10${superscript(power)}` : "1", "end")];
    });
    const bars = sizes.map((value, place) => svg("rect", {
      x: left + place * pitch + pitch * 0.14, width: pitch * 0.72, y: y(height(value)), height: PLOT * height(value), fill: "var(--series-1)", rx: 1.5,
    }));
    const ghost = this.ghost ? [svg("polyline", {
      points: this.ghost.map((value, place) => `${x(place, this.ghost.length)},${y(height(value))}`).join(" "),
      fill: "none", stroke: "var(--ink-faint)", "stroke-width": 2.5, "stroke-dasharray": "5 5",
    })] : [];
    this.root.replaceChildren(
      ...grid, ...bars, ...ghost,
      label(left, 14, this.say("每层权重的平均斜率", "mean slope of each layer's weights"), "start"),
      label(left, TOP + PLOT + 19, this.say("第 1 层", "layer 1"), "start"),
      label(width - 2, TOP + PLOT + 19, this.say(`第 ${sizes.length} 层（靠近损失）`, `layer ${sizes.length}, next to the loss`), "end"));
  }

  describe() {
    const { blocks, shortcuts, normalise } = this.seen, sizes = blame(this.seen), first = sizes[0], last = sizes.at(-1);
    const kind = this.say(
      `${2 * blocks} 层，${shortcuts ? "有" : "没有"}跳跃连接，${normalise ? "有" : "没有"}批归一化`,
      `${2 * blocks} layers, ${shortcuts ? "with" : "without"} shortcuts, ${normalise ? "with" : "without"} batch normalisation`);
    const ratio = first / last;
    const compared = ratio >= 1
      ? this.say(`第 1 层是最后一层的 ${short(ratio)} 倍`, `layer 1 has ${short(ratio)} times that of the last`)
      : this.say(`最后一层是第 1 层的 ${short(1 / ratio)} 倍`, `the last layer has ${short(1 / ratio)} times that of layer 1`);
    return this.say(`${kind}。第 1 层的平均斜率 ${power(first)}，最后一层 ${power(last)}：${compared}。`, `${kind}. The mean slope of layer 1 is ${power(first)}, that of the last ${power(last)}: ${compared}.`);
  }
}

const SUPERSCRIPTS = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };
const superscript = (number) => [...String(number)].map((each) => SUPERSCRIPTS[each]).join("");

/** 0.0031, or 2 × 10⁻⁸. */
export function power(value) {
  if (value >= 0.001 && value < 1000) return String(Number(value.toPrecision(2)));
  const exponent = Math.floor(Math.log10(value));
  return `${Math.round(value / 10 ** exponent)} × 10${superscript(exponent)}`;
}

const short = (ratio) => (ratio < 1000 ? String(Number(ratio.toPrecision(2))) : power(ratio));

function label(x, y, content, anchor) {
  return svg("text", { x, y, "font-size": 13, fill: "var(--ink-soft)", "text-anchor": anchor }, content);
}

define("shortcut-gradients", ShortcutGradients);
