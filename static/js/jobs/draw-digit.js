/**
 * The try-out: draw with mouse, finger or pen while your own network classifies it.
 * `<div data-draw-digit data-model="/jobs/ID/files/model.tflite">`, see templates/jobs/_draw_digit.html.
 */
import { fill } from "./job-series.js";
import { NewestWins } from "./newest-wins.js";
import { normalizeDigit, toProbabilities } from "./normalize-digit.js";
import { sampleDigits } from "./sample-digits.js";

export const field = 280; // the drawing field's own coordinates
const penWidth = 18;

export function startDrawingPad(element) {
  new DrawingPad(element);
}

class DrawingPad {
  constructor(element) {
    this.element = element;
    this.canvas = element.querySelector(".drawing-canvas");
    this.seen = element.querySelector("[data-seen]");
    this.verdict = element.querySelector("[data-verdict]");
    this.rows = [...element.querySelectorAll(".bars li")];
    this.strokes = [];
    this.sample = 0;
    this.judging = new NewestWins(element, () => this.#judge(), (error) => this.#fail(error));
    this.#listen();
    new ResizeObserver(() => this.#fit()).observe(this.canvas);
    document.addEventListener("themechange", () => this.#paint());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#paint());
    // The runtime is several megabytes: it is loaded when the pad comes into view.
    new IntersectionObserver((entries, observer) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      observer.disconnect();
      this.#load();
    }).observe(element);
  }

  text(name) { return this.element.dataset[`text${name}`]; }

  async #load() {
    try {
      const { loadModel } = await import("./tflite-model.js");
      this.model = await loadModel(this.element.dataset.model);
      this.#say(this.text("Ready"));
      this.judging.ask();
    } catch (error) {
      this.#fail(error);
    }
  }

  #listen() {
    this.canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      event.preventDefault();
      this.canvas.setPointerCapture(event.pointerId);
      this.strokes.push([this.#point(event)]);
      this.pointer = event.pointerId;
      this.#changed();
    });
    this.canvas.addEventListener("pointermove", (event) => {
      if (event.pointerId !== this.pointer) return;
      // A fast pen moves several times between two frames.
      const moves = event.getCoalescedEvents?.() ?? [];
      for (const move of moves.length ? moves : [event]) this.strokes.at(-1).push(this.#point(move));
      this.#changed();
    });
    for (const type of ["pointerup", "pointercancel"]) this.canvas.addEventListener(type, () => { this.pointer = null; });
    this.#button("clear", () => { this.strokes = []; });
    this.#button("undo", () => { this.strokes.pop(); });
    this.#button("sample", () => {
      this.strokes = structuredClone(sampleDigits[this.sample % sampleDigits.length]);
      this.sample += 1;
    });
  }

  #button(name, action) {
    this.element.querySelector(`[data-action="${name}"]`)?.addEventListener("click", () => {
      action();
      this.#changed();
    });
  }

  #point(event) {
    const edge = this.canvas.getBoundingClientRect();
    return [((event.clientX - edge.left) / edge.width) * field, ((event.clientY - edge.top) / edge.height) * field];
  }

  #changed() {
    this.#paint();
    this.judging.ask();
  }

  #fit() {
    const pixels = Math.round(this.canvas.clientWidth * (devicePixelRatio || 1));
    if (pixels && this.canvas.width !== pixels) this.canvas.width = this.canvas.height = pixels;
    this.#paint();
  }

  #paint() {
    const context = this.canvas.getContext("2d");
    const scale = this.canvas.width / field;
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, field, field);
    context.strokeStyle = getComputedStyle(this.canvas).color;
    drawStrokes(context, this.strokes, penWidth);
  }

  async #judge() {
    // MNIST's pixels are integers 0..255. The network gets exactly what is shown.
    const pixels = Uint8ClampedArray.from(normalizeDigit(...inkOf(this.strokes)), (value) => 255 * value);
    this.#showSeen(pixels);
    if (!this.model) return;
    if (!this.strokes.length) {
      this.#showBars(null);
      this.#say(this.text("Ready"));
      return;
    }
    const scale = Number(this.element.dataset.inputScale ?? 1) / 255;
    const scores = await this.model.predict(Float32Array.from(pixels, (value) => value * scale));
    this.#showBars(toProbabilities(scores));
  }

  #fail(error) {
    console.error(error);
    this.model = null;
    this.#say(this.text("Failed"));
  }

  #showBars(probabilities) {
    const best = probabilities ? probabilities.indexOf(Math.max(...probabilities)) : -1;
    this.rows.forEach((row, index) => {
      const share = probabilities?.[index] ?? 0;
      row.querySelector("i").style.transform = `scaleX(${share})`;
      row.querySelector("output").textContent = probabilities ? `${(100 * share).toFixed(1)}%` : "";
      row.toggleAttribute("data-best", index === best);
    });
    if (best < 0) return;
    const label = this.rows[best].querySelector("b").textContent;
    this.#say(fill(this.text("Verdict"), { label, percent: `${(100 * probabilities[best]).toFixed(1)}%` }));
  }

  #say(sentence) {
    if (this.verdict.textContent !== sentence) this.verdict.textContent = sentence;
  }

  /** The 28 x 28 pixels that the network sees. */
  #showSeen(pixels) {
    const context = this.seen.getContext("2d");
    const picture = context.createImageData(28, 28);
    pixels.forEach((value, index) => picture.data.set([value, value, value, 255], 4 * index));
    context.putImageData(picture, 0, 0);
  }
}

/** Draw strokes with round ends; `[x, y]` points joined by curves through their midpoints. */
export function drawStrokes(context, strokes, width) {
  Object.assign(context, { lineWidth: width, lineCap: "round", lineJoin: "round" });
  for (const points of strokes) {
    context.beginPath();
    context.moveTo(...points[0]);
    for (let index = 1; index < points.length - 1; index += 1) {
      const [x, y] = points[index], [nextX, nextY] = points[index + 1];
      context.quadraticCurveTo(x, y, (x + nextX) / 2, (y + nextY) / 2);
    }
    context.lineTo(...points.at(-1));
    context.stroke();
  }
}

/**
 * The strokes redrawn so that the digit fills the middle of the field and the pen is 2.4 of 28 pixels wide, as in MNIST,
 * however small the digit was drawn: [ink 0..255, width, height].
 */
export function inkOf(strokes) {
  const pen = 24, room = 200 - pen;
  const context = new OffscreenCanvas(field, field).getContext("2d", { willReadFrequently: true });
  const points = strokes.flat();
  if (points.length) {
    const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
    const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    // A mere dot is not enlarged to fill the field.
    const scale = Math.min(4, room / Math.max(right - left, bottom - top, 1));
    const fit = ([x, y]) => [(x - (left + right) / 2) * scale + field / 2, (y - (top + bottom) / 2) * scale + field / 2];
    drawStrokes(context, strokes.map((stroke) => stroke.map(fit)), pen);
  }
  const { data } = context.getImageData(0, 0, field, field);
  const ink = new Uint8ClampedArray(field * field);
  for (let index = 0; index < ink.length; index += 1) ink[index] = data[4 * index + 3];
  return [ink, field, field];
}
