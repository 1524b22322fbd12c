/**
 * Build a network layer by layer, and watch shapes and parameters. The rules are Keras': convolutions of 3 x 3 without padding,
 * pooling of 2 x 2, a dense layer that works on the last axis of whatever comes in.
 */
import { Figure, define, el } from "../js/figure.js";

/** Kinds by their letter in an address: c convolution with so many kernels, d dense with so many neurons, p pooling, f flatten. */
const LAYER = /^(?:c(\d{1,2})|d(\d{1,3})|p|f)$/;
export const INPUT = [28, 28, 1];
export const MOST = 8;
const OFFERED = ["c8", "c16", "p", "f", "d32", "d10"];

/** The layers of "c8-p-f-d10", as far as they can be read. */
export function readLayers(text) {
  const layers = [];
  for (const part of String(text).split("-")) {
    if (!LAYER.test(part) || layers.length === MOST) break;
    layers.push(part);
  }
  return layers;
}

/** What a layer makes of a shape: its output `shape` and number of `parameters`, or `fault`: "small" (nothing would be left) or "flat". */
export function applied(layer, shape) {
  const [, kernels, neurons] = LAYER.exec(layer), [height, width, channels] = shape;
  if (neurons) return { shape: [...shape.slice(0, -1), Number(neurons)], parameters: (shape.at(-1) + 1) * neurons };
  if (shape.length === 1) return layer === "f" ? { shape, parameters: 0 } : { fault: "flat" };
  if (layer === "f") return { shape: [height * width * channels], parameters: 0 };
  if (layer === "p") return height < 2 ? { fault: "small" } : { shape: [height >> 1, width >> 1, channels], parameters: 0 };
  return height < 3 ? { fault: "small" } : { shape: [height - 2, width - 2, Number(kernels)], parameters: (9 * channels + 1) * kernels };
}

/** Every layer with what it makes, up to the first that does not fit. */
export function built(layers) {
  const rows = [];
  let shape = INPUT;
  for (const layer of layers) {
    const row = applied(layer, shape);
    if (row.fault) break;
    rows.push({ layer, ...row });
    shape = row.shape;
  }
  return rows;
}

/** Whether it can classify ten digits: "ready", "many" (an answer for every place), "flat" (not dense at the end), or "other" (not ten numbers). */
export function verdict(rows) {
  const last = rows.at(-1);
  if (!last?.layer.startsWith("d")) return "open";
  if (last.shape.length > 1) return "many";
  return last.shape[0] === 10 ? "ready" : "other";
}

const written = (shape) => `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;

class LayerBuilder extends Figure {
  static defaults = { layers: "c8-p" };

  get rows() { return built(readLayers(this.state.layers)); }

  render() {
    const box = this.stage.appendChild(el("div", {}));
    box.style.cssText = "max-width:38rem;margin-inline:auto;line-height:1.5";
    this.table = el("div", { "aria-hidden": "true" });
    this.table.style.cssText = "display:grid;grid-template-columns:1fr auto auto;gap:4px 16px;font-variant-numeric:tabular-nums;min-height:17rem;align-content:start";
    this.verdict = el("div", { "aria-hidden": "true" });
    this.verdict.style.cssText = "margin-block:var(--space-3);min-height:3.2rem;font-size:var(--text-s)";
    this.adding = OFFERED.map((layer) => this.button(this.say(`加${this.#name(layer)}`, `Add ${this.#name(layer)}`), () => this.#set([...this.#layers(), layer])));
    this.undo = this.button(this.say("去掉最后一层", "Take the last away"), () => this.#set(this.#layers().slice(0, -1)));
    const buttons = el("div", {}, ...this.adding, this.undo);
    buttons.style.cssText = "flex-basis:100%;display:grid;gap:var(--space-2);grid-template-columns:repeat(auto-fill, minmax(9.5rem, 1fr))";
    box.append(this.table, this.verdict);
    this.controls.append(buttons);
  }

  #layers() { return this.rows.map((row) => row.layer); }
  #set(layers) { this.update({ layers: layers.join("-") || "0" }); }

  #name(layer) {
    const [, kernels, neurons] = LAYER.exec(layer);
    if (kernels) return this.say(`卷积 ${kernels}`, `convolution ${kernels}`);
    if (neurons) return this.say(`全连接 ${neurons}`, `dense ${neurons}`);
    return layer === "p" ? this.say("池化", "pooling") : this.say("摊平", "flatten");
  }

  get total() { return this.rows.reduce((sum, row) => sum + row.parameters, 0); }

  draw() {
    const { rows } = this, shape = rows.at(-1)?.shape ?? INPUT;
    const cell = (words, isStrong) => {
      const found = el("span", {}, words);
      found.style.cssText = isStrong ? "font-weight:700" : "";
      return found;
    };
    const right = (words, isStrong) => {
      const found = cell(words, isStrong);
      found.style.textAlign = "end";
      return found;
    };
    const most = Math.max(...rows.map((row) => row.parameters), 1);
    this.table.replaceChildren(
      cell(this.say("层", "layer"), true), cell(this.say("形状", "shape"), true), right(this.say("参数", "parameters"), true),
      cell(this.say("图", "picture")), cell(written(INPUT)), right("–"),
      ...rows.flatMap((row) => [cell(this.#name(row.layer)), cell(written(row.shape)), right(row.parameters.toLocaleString("en"), row.parameters === most && most > 1)]),
      cell(this.say("合计", "total"), true), cell(""), right(this.total.toLocaleString("en"), true));
    this.verdict.textContent = this.#verdict();
    this.adding.forEach((button, i) => {
      const { fault } = applied(OFFERED[i], shape);
      button.disabled = Boolean(fault) || rows.length === MOST;
    });
    this.undo.disabled = rows.length === 0;
  }

  #verdict() {
    const { rows } = this, shape = rows.at(-1)?.shape ?? INPUT;
    const full = rows.length === MOST ? this.say("这里最多八层。", "Eight layers is the most here. ") : "";
    const small = shape.length === 3 && shape[0] < 3 ? this.say("图太小了，3×3 的核放不下。", "The picture is too small for a 3×3 kernel. ") : "";
    const flat = shape.length === 1 ? this.say("摊平以后没有上下左右了，卷积和池化接不上。", "Flattened, there is no left and right: convolution and pooling do not fit. ") : "";
    const words = {
      open: this.say("还没有答案：最后要有一层“全连接 10”，一类一个数。", "No answer yet: at the end it needs “dense 10”, a number for each class. "),
      many: this.say(`每一格都给了一份答案：${written(shape)}。一张图只要一份，先摊平。`, `An answer for every place, ${written(shape)}. One for the picture is wanted: flatten first. `),
      other: this.say(`出来 ${shape[0]} 个数，不是十类。再接一层“全连接 10”。`, `${shape[0]} numbers come out, and there are ten classes. Add “dense 10”. `),
      ready: this.say("能用了：十个数，一类一个，加上 softmax 就是概率。", "It works: ten numbers, one for each class; with softmax they are probabilities. "),
    }[verdict(rows)];
    return `${words}${verdict(rows) === "open" ? small + flat : ""}${full}`.trim();
  }

  describe() {
    const { rows } = this, layers = rows.map((row) => this.say(`${this.#name(row.layer)}，形状 ${written(row.shape)}，参数 ${row.parameters}`, `${this.#name(row.layer)}, shape ${written(row.shape)}, ${row.parameters} parameters`));
    return this.say(
      `进来 ${written(INPUT)}。${layers.length ? `${layers.join("；")}。` : ""}合计 ${this.total} 个参数。${this.#verdict()}`,
      `In goes ${written(INPUT)}. ${layers.length ? `${layers.join("; ")}. ` : ""}${this.total} parameters together. ${this.#verdict()}`);
  }
}

define("layer-builder", LayerBuilder);
