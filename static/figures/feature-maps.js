/**
 * The first layer of the reader's own network at work: its filters, and the feature map that each makes of a digit, drawn or chosen.
 * The weights are those of the newest training in the lab (filters.json beside its model); without one, of a training of ours.
 */
import { Figure, define, el } from "../js/figure.js";
import { drawStrokes, field, inkOf } from "../js/jobs/draw-digit.js";
import { normalizeDigit } from "../js/jobs/normalize-digit.js";
import { sampleDigits } from "../js/jobs/sample-digits.js";
import { EXAMPLE } from "./feature-maps/example.js";

const SIZE = 28, OUT = 26, KERNEL = 3;

/** ReLU of the kernel, nine weights row by row, over a picture of 28 x 28: 26 x 26 numbers, row by row. */
export function featureMap(picture, kernel, bias) {
  const map = new Float32Array(OUT * OUT);
  for (let row = 0; row < OUT; row += 1) {
    for (let column = 0; column < OUT; column += 1) {
      let sum = bias;
      for (let i = 0; i < KERNEL * KERNEL; i += 1) sum += kernel[i] * picture[(row + Math.floor(i / KERNEL)) * SIZE + column + (i % KERNEL)];
      map[row * OUT + column] = Math.max(0, sum);
    }
  }
  return map;
}

/** Whether a file has kernels of 3 x 3 and a bias for each. */
export function isUsable(weights) {
  const areNumbers = (list, count) => Array.isArray(list) && list.length === count && list.every(Number.isFinite);
  return Boolean(weights?.kernels?.length) && weights.kernels.every((kernel) => areNumbers(kernel, KERNEL * KERNEL)) && areNumbers(weights.biases, weights.kernels.length);
}

/** The share of a map's cells that are not zero. */
export function firing(map) { return map.filter((value) => value > 0).length / map.length; }

class FeatureMaps extends Figure {
  static defaults = { digit: "3", filter: 1 };

  render() {
    this.weights = EXAMPLE;
    this.strokes = null;
    this.input = this.stage.appendChild(el("canvas", { width: field, height: field, role: "img", class: "maps-drawing" }));
    this.input.setAttribute("aria-label", this.say("画一个数字的地方", "A place to draw a digit"));
    this.maps = this.stage.appendChild(el("div", { class: "maps-list" }));
    this.note = this.stage.appendChild(el("p", { class: "muted small maps-note" }));
    this.controls.append(
      this.choice("digit", { label: this.say("数字", "Digit"), choices: [..."0123456789"].map((digit) => [digit, digit]) }),
      this.button(this.say("自己画", "Draw your own"), () => this.#use([])),
    );
    this.#listen();
    this.addEventListener("figure-reset", () => { this.strokes = null; });
    this.controls.addEventListener("change", ({ target }) => { if (target.type === "radio") this.#use(null); });
    this.#take(EXAMPLE, false);
    this.#load();
  }

  async #load() {
    const [newest] = JSON.parse(this.dataset.runs ?? "[]");
    if (!newest) return;
    const answer = await fetch(`/jobs/${newest.id}/files/filters.json`).catch(() => null);
    const weights = answer?.ok ? await answer.json().catch(() => null) : null;
    if (!isUsable(weights)) return; // trained before its filters were kept
    this.#take(weights, true);
    this.dataset.own = "";
    this.update({ filter: Math.min(this.state.filter, weights.kernels.length) });
  }

  #take(weights, isOwn) {
    Object.assign(this, { weights, isOwn });
    this.note.textContent = isOwn
      ? this.say("这是你最近一次训练出来的卷积核。", "These are the kernels of your latest training.")
      : this.say("这里先用我们训练的一个例子（8 个核，种子 1）。在实验里训练一次，这里就换成你自己的。", "This is an example, trained by us (8 kernels, seed 1). Train once in the lab, and your own stand here.");
    this.maps.replaceChildren(...weights.kernels.map((_, index) => {
      const number = index + 1;
      const [kernel, map] = [el("canvas", { width: KERNEL, height: KERNEL }), el("canvas", { width: OUT, height: OUT })];
      return el("button", { type: "button", class: "maps-one", "aria-pressed": "false", "aria-label": this.say(`第 ${number} 个卷积核`, `Kernel ${number}`), onclick: () => this.update({ filter: number }) }, kernel, map);
    }));
  }

  #use(strokes) {
    this.strokes = strokes;
    this.update({});
  }

  #listen() {
    const point = ({ clientX, clientY }) => {
      const edge = this.input.getBoundingClientRect();
      return [((clientX - edge.left) / edge.width) * field, ((clientY - edge.top) / edge.height) * field];
    };
    this.input.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      event.preventDefault();
      this.input.setPointerCapture(event.pointerId);
      this.#use([...(this.strokes ?? []), [point(event)]]);
    });
    this.input.addEventListener("pointermove", (event) => {
      if (!this.input.hasPointerCapture(event.pointerId)) return;
      this.strokes.at(-1).push(point(event));
      this.#use(this.strokes);
    });
  }

  get #drawn() { return this.strokes ?? sampleDigits[Number(this.state.digit)] ?? sampleDigits[3]; }
  get #chosen() { return Math.min(this.weights.kernels.length, Math.max(1, Math.round(this.state.filter))) - 1; }

  #compute() {
    const picture = normalizeDigit(...inkOf(this.#drawn));
    this.results = this.weights.kernels.map((kernel, index) => featureMap(picture, kernel, this.weights.biases[index]));
  }

  draw() {
    this.#compute();
    const context = this.input.getContext("2d");
    context.clearRect(0, 0, field, field);
    context.strokeStyle = this.colour("ink");
    drawStrokes(context, this.#drawn, 18);
    const [positive, negative, paper, ink] = ["series-1", "series-2", "paper-raised", "ink"].map((token) => channels(this.colour(token)));
    const most = Math.max(1e-6, ...this.results.map((map) => Math.max(...map)));
    [...this.maps.children].forEach((button, index) => {
      const kernel = this.weights.kernels[index], largest = Math.max(1e-6, ...kernel.map(Math.abs));
      const [small, large] = button.children;
      paint(small, kernel, (weight) => mix(paper, weight < 0 ? negative : positive, Math.abs(weight) / largest));
      paint(large, this.results[index], (value) => mix(paper, ink, value / most));
      button.setAttribute("aria-pressed", String(index === this.#chosen));
    });
  }

  describe() {
    const index = this.#chosen, share = `${Math.round(100 * firing(this.results[index]))}%`;
    const what = this.strokes ? this.say("你画的图", "your drawing") : this.say(`数字 ${this.state.digit}`, `the digit ${this.state.digit}`);
    const whose = this.isOwn ? this.say("你的网络", "Your network") : this.say("例子", "The example");
    return this.say(
      `${whose}有 ${this.weights.kernels.length} 个卷积核；第 ${index + 1} 个在${what}上，有 ${share} 的格子大于 0。`,
      `${whose} has ${this.weights.kernels.length} kernels; of ${what}, number ${index + 1} makes a map in which ${share} of the cells are above 0.`,
    );
  }
}

function paint(canvas, values, colourOf) {
  const context = canvas.getContext("2d");
  const image = context.createImageData(canvas.width, canvas.height);
  values.forEach((value, index) => image.data.set([...colourOf(value), 255], 4 * index));
  context.putImageData(image, 0, 0);
}

function mix(from, to, share) { return from.map((value, index) => Math.round(value + (to[index] - value) * share)); }

/** Red, green and blue of a CSS colour, whatever its notation. */
function channels(colour) {
  const context = new OffscreenCanvas(1, 1).getContext("2d");
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  return [...context.getImageData(0, 0, 1, 1).data.slice(0, 3)];
}

define("feature-maps", FeatureMaps);
