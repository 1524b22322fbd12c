/**
 * What a loss weight for a rare class does to a mask: a crack in a noisy road, found by brightness alone.
 *
 * Road pixels are drawn around 0 and crack pixels around 2, both with a deviation of 1. The best answer for a weight w is known: call a
 * pixel crack if w times its chance of being crack exceeds its chance of being road. A weight only moves that line.
 */
import { Figure, define, svg } from "../js/figure.js";
import { bellOf, randomOf } from "../js/random.js";

export const ROWS = 24, COLUMNS = 40, GAP = 2;
/** The slider's stops; `state.weight` is an index into this list. The last but one makes both classes count alike. */
export const WEIGHTS = [1, 1.5, 2, 3, 4, 6, 8, "balanced", 30];

/** For each column the crack's upper row; it is two pixels wide, here and there one. */
const PATH = Array.from({ length: COLUMNS }, (_, column) => Math.round(12 + 6 * Math.sin(column / 6) - 2 * Math.cos(column / 2.5)));
export const TRUTH = Array.from({ length: ROWS * COLUMNS }, (_, cell) => {
  const row = Math.floor(cell / COLUMNS), column = cell % COLUMNS;
  return row === PATH[column] || (row === PATH[column] + 1 && column % 20 < 18);
});
export const SHARE = TRUTH.filter(Boolean).length / TRUTH.length;

/** The brightness of each pixel, the same for the same seed. */
export function picture(seed) {
  const bell = bellOf(randomOf(seed));
  return TRUTH.map((isCrack) => bell() + (isCrack ? GAP : 0));
}

/** The weight at a stop of the slider, as a number. */
export function weightAt(stop) {
  const weight = WEIGHTS[Math.min(WEIGHTS.length - 1, Math.max(0, Math.round(stop)))];
  return weight === "balanced" ? (1 - SHARE) / SHARE : weight;
}

/** The brightness from which a pixel is called crack. */
export const lineOf = (weight) => GAP / 2 + Math.log((1 - SHARE) / (weight * SHARE)) / GAP;

/** Right, too much and missed, and what follows from them; over one picture or several. */
export function scores(pictures, weight) {
  const line = lineOf(weight);
  let both = 0, extra = 0, missed = 0, all = 0;
  for (const pixels of pictures) {
    pixels.forEach((value, cell) => {
      const isNamed = value > line;
      both += isNamed && TRUTH[cell];
      extra += isNamed && !TRUTH[cell];
      missed += !isNamed && TRUTH[cell];
    });
    all += pixels.length;
  }
  return { both, extra, missed, accuracy: 1 - (extra + missed) / all, precision: both / (both + extra), recall: both / (both + missed), iou: both / (both + extra + missed) };
}

const SHOWN = 3; // the seed of the picture on show
const PIXELS = picture(SHOWN);

class RareWeight extends Figure {
  static defaults = { weight: 0, layer: "mask" };

  get weight() { return weightAt(this.state.weight); }

  render() {
    this.root = this.stage.appendChild(svg("svg", { role: "img" }));
    this.root.style.cssText = "display:block;width:100%";
    this.controls.append(
      this.slider("weight", { label: this.say("裂缝的权重", "Weight of the crack"), min: 0, max: WEIGHTS.length - 1, step: 1, format: (stop) => this.#named(stop) }),
      this.choice("layer", { label: this.say("看", "Show"), choices: [
        ["photo", this.say("照片", "the picture")], ["truth", this.say("真实", "the truth")], ["mask", this.say("预测", "the prediction")]] }));
  }

  #named(stop) {
    const weight = String(Number(weightAt(stop).toFixed(1)));
    return WEIGHTS[stop] === "balanced" ? this.say(`${weight}（一样重）`, `${weight} (alike)`) : weight;
  }

  draw() {
    const width = Math.max(280, this.stage.clientWidth), isWide = width >= 640, seen = isWide ? width * 0.6 : width;
    const cell = seen / COLUMNS, tall = cell * ROWS, line = lineOf(this.weight), { layer } = this.state;
    const found = scores([PIXELS], this.weight);
    const bars = isWide ? { x: seen + 24, y: 4, width: width - seen - 26 } : { x: 1, y: tall + 10, width: width - 2 };
    this.root.setAttribute("viewBox", `0 0 ${width} ${isWide ? Math.max(tall, 184) + 2 : tall + 194}`);
    this.root.setAttribute("aria-label", this.describe());
    const pixels = PIXELS.flatMap((value, index) => {
      const fill = this.#fill(layer, value, value > line, TRUTH[index]);
      return fill ? [svg("rect", { x: (index % COLUMNS) * cell, y: Math.floor(index / COLUMNS) * cell, width: cell + 0.3, height: cell + 0.3, ...fill })] : [];
    });
    const shares = [
      [this.say("精确率", "precision"), found.precision, "var(--series-2)"], [this.say("召回率", "recall"), found.recall, "var(--series-1)"],
      ["IoU", found.iou, "var(--leaf)"], [this.say("像素准确率", "pixel accuracy"), found.accuracy, "var(--ink-faint)"]];
    this.root.replaceChildren(
      svg("rect", { x: 0.5, y: 0.5, width: seen - 1, height: tall - 1, fill: "var(--paper-raised)", stroke: "var(--line-strong)" }),
      ...pixels, ...shares.flatMap(([name, share, colour], at) => bar(bars.x, bars.y + 46 * at, bars.width, name, share, colour)));
  }

  /** How a pixel is filled, or nothing for empty road. Right, too much and missed also differ in shade. */
  #fill(layer, value, isNamed, isCrack) {
    if (layer === "photo") return { fill: "var(--ink)", "fill-opacity": Math.min(1, Math.max(0, (value + 2) / 7)) };
    if (layer === "truth") return isCrack ? { fill: "var(--ink)" } : null;
    if (isNamed) return { fill: isCrack ? "var(--leaf)" : "var(--fault)", "fill-opacity": isCrack ? 1 : 0.55 };
    return isCrack ? { fill: "none", stroke: "var(--ink-soft)", "stroke-width": 0.8 } : null;
  }

  describe() {
    const { both, extra, missed, precision, recall, iou, accuracy } = scores([PIXELS], this.weight);
    const shown = { photo: this.say("画的是照片", "The picture is shown"), truth: this.say("画的是真实的裂缝", "The true crack is shown"), mask: this.say("画的是预测", "The prediction is shown") }[this.state.layer] ?? "";
    const weight = Number(this.weight.toFixed(1));
    return this.say(
      `裂缝的权重 ${weight}：76 个裂缝像素里找到 ${both} 个，漏掉 ${missed} 个，路面上误报 ${extra} 个。精确率 ${precision.toFixed(2)}，召回率 ${recall.toFixed(2)}，IoU ${iou.toFixed(2)}，像素准确率 ${accuracy.toFixed(2)}。${shown}。`,
      `A weight of ${weight} for the crack: of its 76 pixels ${both} are found and ${missed} missed; ${extra} pixels of road are called crack. Precision ${precision.toFixed(2)}, recall ${recall.toFixed(2)}, IoU ${iou.toFixed(2)}, pixel accuracy ${accuracy.toFixed(2)}. ${shown}.`);
  }
}

function bar(x, y, width, name, share, colour) {
  const word = (at, content, extra) => svg("text", { x: at, y: y + 14, "font-size": 14, fill: "var(--ink-soft)", ...extra }, content);
  return [
    word(x, name, {}), word(x + width, share.toFixed(2), { "text-anchor": "end", fill: "var(--ink)", "font-weight": 700 }),
    svg("rect", { x, y: y + 20, width, height: 12, rx: 3, fill: "var(--paper-sunken)", stroke: "var(--line-strong)" }),
    svg("rect", { x, y: y + 20, width: Math.max(0.01, width * share), height: 12, rx: 3, fill: colour })];
}

define("rare-weight", RareWeight);
