/**
 * A 3x3 kernel slides over a 7x7 picture, one output cell per step; below it a calculator of the output's size.
 *
 * "Convolution" as in a CNN: the kernel is not flipped (cross-correlation). Pixels are 0 or 1, weights whole numbers.
 */
import { Figure, define, el, svg } from "../js/figure.js";

export const SIZE = 7;
export const PICTURES = {
  line: "0001000000100000010000001000000100000010000001000",
  seven: "0000000011111000000100000100000010000010000001000",
  square: "0000000011111001111100111110011111001111100000000",
  cross: "0000000000100000010000111110000100000010000000000",
};
export const KERNELS = {
  vertical: [-1, 0, 1, -1, 0, 1, -1, 0, 1],
  horizontal: [-1, -1, -1, 0, 0, 0, 1, 1, 1],
  sum: [1, 1, 1, 1, 1, 1, 1, 1, 1],
  dot: [-1, -1, -1, -1, 8, -1, -1, -1, -1],
};

/** floor((size + 2 padding - kernel) / stride) + 1; 0 where the kernel is larger than the padded input. */
export function outputSize(size, kernel, padding, stride) {
  const room = size + 2 * padding - kernel;
  return room < 0 ? 0 : Math.floor(room / stride) + 1;
}

/** A square picture, given as rows one after another, with `padding` rings of zeros around it. */
export function pad(picture, size, padding) {
  const wide = size + 2 * padding, padded = new Array(wide * wide).fill(0);
  for (let row = 0; row < size; row++) for (let column = 0; column < size; column++) padded[(row + padding) * wide + column + padding] = picture[row * size + column];
  return padded;
}

/** The nine [pixel, weight] pairs that make output cell `index` (cells counted row by row). */
export function pairs(picture, size, kernel, padding, stride, index) {
  const out = outputSize(size, 3, padding, stride), wide = size + 2 * padding, padded = pad(picture, size, padding);
  const top = Math.floor(index / out) * stride, left = (index % out) * stride;
  return kernel.map((weight, i) => [padded[(top + Math.floor(i / 3)) * wide + left + (i % 3)], weight]);
}

/** All output cells, row by row. */
export function convolve(picture, size, kernel, padding, stride) {
  const out = outputSize(size, 3, padding, stride);
  return Array.from({ length: out * out }, (_, index) => pairs(picture, size, kernel, padding, stride, index).reduce((sum, [pixel, weight]) => sum + pixel * weight, 0));
}

/** Nine integers between -9 and 9 from text such as "-1_0_1_…"; the standard kernel if the text is malformed. */
export function readKernel(text) {
  const numbers = text.split("_").map(Number);
  const fine = numbers.length === 9 && numbers.every((number) => Number.isInteger(number) && Math.abs(number) <= 9);
  return fine ? numbers : [...KERNELS.vertical];
}

/** 49 pixels of 0 and 1 from text; the standard picture if the text is malformed. */
export function readPicture(text) {
  return [...(/^[01]{49}$/.test(text) ? text : PICTURES.line)].map(Number);
}

/** The picture shifted right by one cell; what leaves on the right re-enters on the left. */
export function moveRight(picture) {
  return picture.map((_, i) => picture[i % SIZE ? i - 1 : i + SIZE - 1]);
}

const minus = (number) => String(number).replace("-", "−");

class ConvKernel extends Figure {
  // `picture` and `kernel` are strings, because a state is flat; `done` counts the computed output cells.
  static defaults = { picture: PICTURES.line, kernel: KERNELS.vertical.join("_"), padding: 0, stride: 1, done: 1, guess: "", input: 28, width: 5, margin: 0, hop: 1 };

  render() {
    this.stage.style.position = "relative";
    this.drawing = this.stage.appendChild(svg("svg", { role: "application", tabindex: "0", class: "figure-ink" }));
    this.drawing.style.cssText = "display:block;width:100%;height:auto;touch-action:manipulation";
    this.drawing.setAttribute("aria-label", this.say("7 乘 7 的图：方向键选格子，空格键换黑白", "A 7 by 7 picture: arrow keys choose a cell, space switches it"));
    this.selected = { row: 3, column: 3, seen: false };
    this.addEventListener("figure-reset", () => { this.before = null; });
    this.drawing.addEventListener("click", (event) => {
      const cell = event.target.closest("[data-pixel]");
      if (cell) this.#switchPixel(Number(cell.dataset.pixel));
    });
    this.drawing.addEventListener("keydown", (event) => this.#key(event));
    // No redraw on pointer focus: it would remove the cell between press and click.
    this.drawing.addEventListener("focus", () => { if (this.drawing.matches(":focus-visible")) { this.selected.seen = true; this.draw(); } });
    this.drawing.addEventListener("blur", () => { this.selected.seen = false; this.draw(); });
    this.working = this.stage.appendChild(el("p", {}));
    this.working.style.cssText = "font-family:var(--font-code);font-size:var(--text-s);line-height:1.6;margin:var(--space-3) 0";
    this.#renderSteps();
    this.#renderKernel();
    const pictures = this.#presets(this.say("换一张图（点格子可以自己画）", "Another picture (tap cells to draw)"), [
      [this.say("竖线", "Line"), { picture: PICTURES.line }], [this.say("数字 7", "A seven"), { picture: PICTURES.seven }],
      [this.say("方块", "Square"), { picture: PICTURES.square }], [this.say("十字", "Cross"), { picture: PICTURES.cross }]]);
    pictures.append(this.#quiet(this.say("整张右移一格 →", "Move it one cell right →"), () => this.update({ picture: moveRight(this.pixels).join("") })));
    this.controls.append(
      pictures,
      this.slider("padding", { label: this.say("填充 P", "Padding P"), min: 0, max: 2, step: 1 }),
      this.slider("stride", { label: this.say("步幅 S", "Stride S"), min: 1, max: 3, step: 1 }),
    );
    this.#renderCalculator();
  }

  #renderSteps() {
    this.guessInput = el("input", { type: "number", step: "1", oninput: () => { this.state.guess = this.guessInput.value; } });
    this.guessInput.style.width = "5em";
    this.next = this.button(this.say("算出下一格", "Compute the next cell"), () => this.#step());
    const form = el("form", { class: "figure-row" },
      el("label", {}, this.say("先猜下一格：", "Guess the next cell first: "), this.guessInput), " ", this.next, " ",
      this.#quiet(this.say("退一格", "Back"), () => this.update({ done: Math.max(0, this.state.done - 1) })), " ",
      this.#quiet(this.say("全部算完", "Compute all"), () => this.update({ done: this.cells.length })));
    form.addEventListener("submit", (event) => { event.preventDefault(); this.#step(); });
    this.controls.append(form);
  }

  #renderKernel() {
    this.weights = Array.from({ length: 9 }, (_, i) => el("input", {
      type: "number", min: -9, max: 9, step: 1, "aria-label": this.say(`第 ${Math.floor(i / 3) + 1} 行第 ${i % 3 + 1} 列的权重`, `Weight in row ${Math.floor(i / 3) + 1}, column ${i % 3 + 1}`),
      oninput: () => this.#readWeights(),
    }));
    const grid = el("div", {}, ...this.weights);
    grid.style.cssText = "display:grid;grid-template-columns:repeat(3,4em);gap:4px;margin:4px 0";
    for (const input of this.weights) input.style.cssText = "width:100%;text-align:center";
    this.controls.append(el("fieldset", { class: "figure-choice" }, el("legend", {}, this.say("卷积核的 9 个权重", "The kernel's 9 weights")), grid),
      this.#presets(this.say("现成的卷积核", "Ready-made kernels"), [
        [this.say("竖边", "Vertical edge"), { kernel: KERNELS.vertical.join("_") }], [this.say("横边", "Horizontal edge"), { kernel: KERNELS.horizontal.join("_") }],
        [this.say("求和", "Sum"), { kernel: KERNELS.sum.join("_") }], [this.say("突出的点", "Spot"), { kernel: KERNELS.dot.join("_") }]]));
  }

  #renderCalculator() {
    const keys = [["input", this.say("输入边长 I", "Input size I"), 1, 512], ["width", this.say("核边长 K", "Kernel size K"), 1, 31], ["margin", this.say("填充 P", "Padding P"), 0, 15], ["hop", this.say("步幅 S", "Stride S"), 1, 15]];
    this.calculator = keys.map(([key, , min, max]) => [key, el("input", { type: "number", min, max, step: 1, oninput: (event) => {
      const number = Number(event.target.value);
      if (Number.isInteger(number) && number >= min && number <= max) this.update({ [key]: number });
    } })]);
    this.result = el("output", {});
    const labels = keys.map(([, label], i) => { this.calculator[i][1].style.width = "4.5em"; return el("label", {}, label, " ", this.calculator[i][1]); });
    const box = el("fieldset", { class: "figure-choice" }, el("legend", {}, this.say("尺寸计算器：填任意的数", "Size calculator: any numbers")), ...labels.flatMap((label) => [label, " "]), el("br", {}), this.result);
    this.controls.append(box);
  }

  #presets(legend, choices) {
    const group = el("fieldset", { class: "figure-choice" }, el("legend", {}, legend));
    for (const [label, changes] of choices) group.append(this.#quiet(label, () => this.update(changes)), " ");
    return group;
  }

  #quiet(label, onclick) {
    const button = this.button(label, onclick);
    button.classList.add("button-quiet");
    return button;
  }

  get pixels() { return readPicture(this.state.picture); }
  get kernel() { return readKernel(this.state.kernel); }
  get padding() { return Math.max(0, Math.min(2, Math.round(this.state.padding))); }
  get stride() { return Math.max(1, Math.min(3, Math.round(this.state.stride))); }
  get cells() { return convolve(this.pixels, SIZE, this.kernel, this.padding, this.stride); }

  #step() {
    const { done, guess } = this.state, cells = this.cells;
    if (done >= cells.length) return;
    this.verdict = guess === "" ? "" : Number(guess) === cells[done] ? this.say("猜对了。", "You were right.") : this.say(`你猜 ${minus(guess)}，是 ${minus(cells[done])}。`, `You said ${minus(guess)}; it is ${minus(cells[done])}.`);
    this.guessInput.value = "";
    this.update({ done: done + 1, guess: "" });
    this.verdict = "";
  }

  #readWeights() {
    const numbers = this.weights.map((input) => (input.value === "" ? NaN : Number(input.value)));
    if (numbers.every((number) => Number.isInteger(number) && Math.abs(number) <= 9)) this.update({ kernel: numbers.join("_") });
  }

  #switchPixel(index) {
    const pixels = this.pixels;
    pixels[index] = 1 - pixels[index];
    this.update({ picture: pixels.join("") });
  }

  #key(event) {
    const way = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    const inside = (number) => Math.max(0, Math.min(SIZE - 1, number));
    if (way) {
      this.selected = { seen: true, row: inside(this.selected.row + way[0]), column: inside(this.selected.column + way[1]) };
      this.draw();
    } else if (event.key === " " || event.key === "Enter") this.#switchPixel(this.selected.row * SIZE + this.selected.column);
    else return;
    event.preventDefault();
  }

  update(changes) {
    // The output before a change of picture or kernel stays in sight; another padding or stride gives another grid.
    if ("padding" in changes || "stride" in changes) this.before = null;
    else if (["picture", "kernel"].some((key) => key in changes && changes[key] !== this.state[key])) this.before = this.cells.slice(0, this.state.done);
    // Another padding or stride gives another output: start at its first cell.
    if (["padding", "stride"].some((key) => key in changes && changes[key] !== this.state[key]) && !("done" in changes)) changes = { ...changes, done: 1 };
    super.update(changes);
  }

  draw() {
    const cells = this.cells, out = outputSize(SIZE, 3, this.padding, this.stride), wide = SIZE + 2 * this.padding;
    this.state.done = Math.max(0, Math.min(cells.length, Math.round(this.state.done)));
    const narrow = this.stage.clientWidth < 480, unit = 40, gap = narrow ? 0.8 : 1.6;
    const stacked = narrow && wide + gap + out > 13;
    this.letters = narrow ? 18 : 16;
    const columns = stacked ? Math.max(wide, 7) : wide + gap + out, rows = stacked ? wide + gap + out : Math.max(wide, out);
    this.drawing.setAttribute("viewBox", `-2 -30 ${columns * unit + 4} ${rows * unit + 34}`);
    this.drawing.style.maxWidth = `${columns * unit * 1.15}px`;
    const outX = stacked ? 0 : (wide + gap) * unit, outY = stacked ? (wide + gap) * unit : 0;
    const current = this.state.done - 1, top = Math.floor(current / out) * this.stride, left = (current % out) * this.stride;
    this.drawing.replaceChildren(
      this.#text(0, -10, this.say(`图 ${SIZE}×${SIZE}${this.padding ? `，填充 ${this.padding}` : ""}`, `Picture ${SIZE}×${SIZE}${this.padding ? `, padding ${this.padding}` : ""}`), "start", 18),
      this.#text(outX, outY - 10, this.#outputTitle(out), "start", 18),
      ...this.#pictureCells(wide, unit), ...this.#outputCells(cells, out, unit, outX, outY));
    if (current >= 0) this.drawing.append(...this.#window(top, left, unit), this.#frame(outX + (current % out) * unit, outY + Math.floor(current / out) * unit, unit, "leaf"));
    if (this.selected.seen) this.drawing.append(this.#frame((this.selected.column + this.padding) * unit, (this.selected.row + this.padding) * unit, unit, "focus"));
    this.#drawNumbers(cells, current);
  }

  #drawNumbers(cells, current) {
    const { input, width, margin, hop } = this.state, kernel = this.kernel;
    this.weights.forEach((field, i) => { if (this.ownerDocument.activeElement !== field) field.value = kernel[i]; });
    for (const [key, field] of this.calculator) if (this.ownerDocument.activeElement !== field) field.value = this.state[key];
    const size = outputSize(input, width, margin, hop);
    this.result.textContent = size ? `⌊(${input} + 2×${margin} − ${width}) / ${hop}⌋ + 1 = ${size}` : this.say("核比填充后的输入还大，放不下。", "The kernel is larger than the padded input: it does not fit.");
    this.next.disabled = current + 1 >= cells.length;
    if (current < 0) { this.working.textContent = this.say("还没有开始算。", "Nothing is computed yet."); return; }
    const terms = pairs(this.pixels, SIZE, kernel, this.padding, this.stride, current).map(([pixel, weight]) => `${pixel}×${weight < 0 ? `(${minus(weight)})` : weight}`);
    this.working.textContent = `${terms.join(" + ")} = ${minus(cells[current])}`;
  }

  #pictureCells(wide, unit) {
    const padded = pad(this.pixels, SIZE, this.padding), parts = [];
    for (let index = 0; index < wide * wide; index++) {
      const row = Math.floor(index / wide), column = index % wide, real = [row, column].every((at) => at >= this.padding && at < this.padding + SIZE);
      const cell = svg("rect", { x: column * unit, y: row * unit, width: unit, height: unit });
      cell.style.fill = padded[index] ? "var(--ink)" : real ? "var(--paper-raised)" : "var(--paper-sunken)";
      cell.style.stroke = "var(--line)";
      if (real) { cell.dataset.pixel = (row - this.padding) * SIZE + column - this.padding; cell.style.cursor = "pointer"; }
      parts.push(cell);
      if (!real) parts.push(this.#text((column + 0.5) * unit, (row + 0.64) * unit, "0", "middle", 15, "ink-faint"));
    }
    return parts;
  }

  /** The window covers nine pixels; each shows its weight in small type. */
  #window(top, left, unit) {
    const frame = this.#frame(left * unit, top * unit, 3 * unit, "leaf");
    const padded = pad(this.pixels, SIZE, this.padding), wide = SIZE + 2 * this.padding;
    return [frame, ...this.kernel.flatMap((weight, i) => {
      const column = left + i % 3, row = top + Math.floor(i / 3), ink = padded[row * wide + column];
      const wash = svg("rect", { x: column * unit + 3, y: row * unit + 3, width: unit - 6, height: unit - 6, rx: 4, "pointer-events": "none" });
      wash.style.fill = ink ? "var(--ink)" : "var(--leaf-wash)";
      return [wash, this.#text((column + 0.5) * unit, (row + 0.66) * unit, `×${minus(weight)}`, "middle", this.letters, ink ? "paper-raised" : "ink")];
    })];
  }

  #outputCells(cells, out, unit, outX, outY) {
    const most = Math.max(1, ...cells.map(Math.abs));
    return cells.flatMap((value, index) => {
      const x = outX + (index % out) * unit, y = outY + Math.floor(index / out) * unit, known = index < this.state.done;
      const cell = svg("rect", { x, y, width: unit, height: unit });
      cell.style.fill = known && value ? `color-mix(in srgb, var(--${value > 0 ? "positive" : "negative"}) ${Math.round(15 + 45 * Math.abs(value) / most)}%, var(--paper-raised))` : "var(--paper-raised)";
      cell.style.stroke = "var(--line)";
      const old = this.before?.[index];
      if (old === undefined || old === value) return [cell, this.#text(x + unit / 2, y + unit * 0.66, known ? minus(value) : "", "middle", 18)];
      return [cell, this.#text(x + 3, y + 16, minus(old), "start", this.letters, "ink-soft"), this.#text(x + unit - 3, y + unit - 5, known ? minus(value) : "", "end", 18)];
    });
  }

  #outputTitle(out) {
    if (!this.before || out < 5) return this.say(`输出 ${out}×${out}`, `Output ${out}×${out}`);
    return this.say(`输出 ${out}×${out} · 浅色：改前`, `Output ${out}×${out}, pale: old`);
  }

  #frame(x, y, size, token) {
    const frame = svg("rect", { x: x + 1, y: y + 1, width: size - 2, height: size - 2, fill: "none", "stroke-width": 3.5, rx: 3, "pointer-events": "none" });
    frame.style.stroke = `var(--${token})`;
    return frame;
  }

  #text(x, y, text, anchor, size, token = "ink") {
    const node = svg("text", { x, y, "text-anchor": anchor, "font-size": size, "pointer-events": "none" }, text);
    node.style.fill = `var(--${token})`;
    return node;
  }

  describe() {
    const cells = this.cells, out = outputSize(SIZE, 3, this.padding, this.stride), { done } = this.state;
    if (!done) return this.say(`输出有 ${out}×${out} 格，一格还没算。`, `The output has ${out} by ${out} cells; none is computed.`);
    const row = Math.floor((done - 1) / out) + 1, column = (done - 1) % out + 1;
    const last = this.say(`第 ${row} 行第 ${column} 列是 ${minus(cells[done - 1])}。`, `Row ${row}, column ${column} is ${minus(cells[done - 1])}. `);
    const end = done === cells.length ? this.say(`${out}×${out} 格全部算完，最大的是 ${minus(Math.max(...cells))}。`, `All ${out} by ${out} cells are computed; the largest is ${minus(Math.max(...cells))}.`) : this.say(`输出 ${out}×${out} 格，算了 ${done} 格。`, `${done} of ${out * out} cells computed.`);
    return (this.verdict ? `${this.verdict}${this.language === "en" ? " " : ""}` : "") + last + end;
  }
}

define("conv-kernel", ConvKernel);
