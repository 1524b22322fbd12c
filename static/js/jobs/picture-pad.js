/**
 * The try-out of coloured pictures: choose, upload, photograph or paint one, and see what one's own network makes of exactly these
 * pixels. Nothing is sent anywhere. `<div data-picture-pad data-model="/jobs/ID/files/model.tflite">`, see templates/jobs/_picture_pad.html.
 */
import { fill } from "./job-series.js";
import { NewestWins } from "./newest-wins.js";
import { shrinkPicture } from "./shrink-picture.js";

const brush = 2.5; // pixels from the middle to the edge
const enough = 1024; // a photograph is no larger before it is shrunk
const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export function startPicturePad(element) {
  new PicturePad(element);
}

class PicturePad {
  constructor(element) {
    this.element = element;
    this.canvas = element.querySelector(".drawing-canvas");
    this.size = this.canvas.width;
    this.verdict = element.querySelector("[data-verdict]");
    this.trouble = element.querySelector("[data-trouble]");
    this.rows = [...element.querySelectorAll(".bars li")];
    this.samples = [...element.querySelectorAll("[data-sample]")];
    this.camera = element.querySelector("[data-action=camera]");
    this.pixels = new Uint8ClampedArray(this.size * this.size * 3).fill(255);
    this.cursor = [this.size / 2, this.size / 2];
    this.judging = new NewestWins(element, () => this.#judge(), (error) => this.#fail(error));
    this.#listen();
    // The runtime is several megabytes: it is loaded when the pad comes into view.
    new IntersectionObserver((entries, observer) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      observer.disconnect();
      this.#load();
    }).observe(element);
    if (this.samples.length) this.#choose(this.samples[0]);
    else this.#show();
  }

  text(name) { return this.element.dataset[`text${name}`]; }

  async #load() {
    try {
      const { loadModel } = await import("./tflite-model.js");
      this.model = await loadModel(this.element.dataset.model);
      this.verdict.textContent = this.text("Ready");
      this.judging.ask();
    } catch (error) {
      this.#fail(error);
    }
  }

  #listen() {
    for (const button of this.samples) button.addEventListener("click", () => this.#choose(button));
    this.element.querySelector("[data-action=clear]").addEventListener("click", () => {
      this.#source();
      this.pixels.fill(255);
      this.#show();
    });
    const upload = this.element.querySelector("[data-upload]");
    this.element.querySelector("[data-action=upload]").addEventListener("click", () => upload.click());
    upload.addEventListener("change", async () => {
      const [file] = upload.files;
      upload.value = "";
      if (file) await this.#read(file);
    });
    this.camera.addEventListener("click", () => (this.stream ? this.#stopCamera() : this.#startCamera()));
    addEventListener("pagehide", () => this.#stopCamera());
    this.canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      event.preventDefault();
      this.#source();
      this.canvas.setPointerCapture(event.pointerId);
      this.#paintAt(event);
      this.#show();
    });
    this.canvas.addEventListener("pointermove", (event) => {
      if (!this.canvas.hasPointerCapture(event.pointerId)) return;
      // A fast pen moves several times between two frames.
      const moves = event.getCoalescedEvents?.() ?? [];
      for (const move of moves.length ? moves : [event]) this.#paintAt(move);
      this.#show();
    });
    this.canvas.addEventListener("keydown", (event) => this.#press(event));
    for (const type of ["focus", "blur"]) this.canvas.addEventListener(type, () => this.#draw());
  }

  /** Another picture begins: what the last one came from is no longer marked. `button` is its test picture. */
  #source(button = null) {
    this.#stopCamera();
    this.trouble.textContent = "";
    this.chosen = button;
    for (const each of this.samples) each.setAttribute("aria-pressed", each === button);
  }

  async #choose(button) {
    this.#source(button);
    const picture = button.querySelector("img");
    await picture.decode();
    if (this.chosen === button) this.#take(picture, picture.naturalWidth, picture.naturalHeight);
  }

  async #read(file) {
    this.#source();
    try {
      const picture = await createImageBitmap(file);
      this.#take(picture, picture.width, picture.height);
      picture.close();
    } catch {
      this.trouble.textContent = this.text("NoPicture");
    }
  }

  async #startCamera() {
    this.#source();
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    } catch {
      this.trouble.textContent = this.text("NoCamera");
      return;
    }
    this.camera.setAttribute("aria-pressed", "true");
    const video = Object.assign(document.createElement("video"), { srcObject: this.stream, muted: true, playsInline: true });
    await video.play();
    const frame = () => {
      if (!this.stream) return;
      const { videoWidth: width, videoHeight: height } = video, side = Math.min(width, height);
      this.#take(video, side, side, [(width - side) / 2, (height - side) / 2]);
      requestAnimationFrame(frame);
    };
    frame();
  }

  #stopCamera() {
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = null;
    this.camera.setAttribute("aria-pressed", "false");
  }

  /** What is `width` x `height` large in `picture`, from `left`, `top` on, becomes the network's pixels. */
  #take(picture, width, height, [left, top] = [0, 0]) {
    const scale = Math.min(1, enough / Math.max(width, height));
    const [columns, rows] = [width, height].map((length) => Math.max(1, Math.round(length * scale)));
    const paper = new OffscreenCanvas(columns, rows).getContext("2d", { willReadFrequently: true });
    paper.drawImage(picture, left, top, width, height, 0, 0, columns, rows);
    this.pixels = shrinkPicture(paper.getImageData(0, 0, columns, rows).data, columns, rows, this.size);
    this.#show();
  }

  #press(event) {
    const step = arrows[event.key];
    if (!step && event.key !== " ") return;
    event.preventDefault();
    if (step) {
      const far = event.shiftKey ? 8 : 2;
      this.cursor = this.cursor.map((at, axis) => Math.min(this.size - 1, Math.max(0, at + far * step[axis])));
      this.#draw();
    } else {
      this.#source();
      this.#paint(...this.cursor);
      this.#show();
    }
  }

  #paintAt({ clientX, clientY }) {
    const edge = this.canvas.getBoundingClientRect();
    this.#paint(((clientX - edge.left) / edge.width) * this.size, ((clientY - edge.top) / edge.height) * this.size);
  }

  #paint(x, y) {
    const colour = this.element.querySelector("[data-colour]").value.match(/\w\w/g).map((digits) => Number.parseInt(digits, 16));
    for (let index = 0; index < this.size * this.size; index += 1) {
      const distance = Math.hypot((index % this.size) + 0.5 - x, Math.floor(index / this.size) + 0.5 - y);
      if (distance < brush) this.pixels.set(colour, 3 * index);
    }
  }

  #show() {
    this.#draw();
    this.judging.ask();
  }

  #draw() {
    const context = this.canvas.getContext("2d");
    const picture = context.createImageData(this.size, this.size);
    for (let index = 0; index < this.size * this.size; index += 1) {
      picture.data.set([...this.pixels.subarray(3 * index, 3 * index + 3), 255], 4 * index);
    }
    context.putImageData(picture, 0, 0);
    if (!this.canvas.matches(":focus-visible")) return;
    const [x, y] = this.cursor;
    Object.assign(context, { globalCompositeOperation: "difference", fillStyle: "white" });
    context.fillRect(x - 2, y, 5, 1);
    context.fillRect(x, y - 2, 1, 5);
    context.globalCompositeOperation = "source-over";
  }

  async #judge() {
    if (this.model) this.#showBars(await this.model.predict(Float32Array.from(this.pixels)));
  }

  #showBars(probabilities) {
    const best = probabilities.indexOf(Math.max(...probabilities));
    this.rows.forEach((row, index) => {
      row.querySelector("i").style.transform = `scaleX(${probabilities[index]})`;
      row.querySelector("output").textContent = percent(probabilities[index]);
      row.toggleAttribute("data-best", index === best);
    });
    if (best < 0) return;
    const label = this.rows[best].querySelector("b").textContent;
    this.verdict.textContent = fill(this.text("Verdict"), { label, percent: percent(probabilities[best]) });
  }

  #fail(error) {
    console.error(error);
    this.model = null;
    this.verdict.textContent = this.text("Failed");
  }
}

function percent(share) { return `${(100 * share).toFixed(1)}%`; }
