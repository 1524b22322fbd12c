/** A notebook of three cells and its kernel: run them in any order, and see what the page does not show. */
import { Figure, define, el } from "../js/figure.js";

export const CELLS = ["price = 10", "price = price * 0.9", "print(price)"];
export const MOST = 12;

/** The cells run so far, "0120" for instance. An address may contain anything; what is no cell is left out. */
export const readRuns = (text) => [...String(text)].filter((each) => "012".includes(each)).slice(0, MOST).map(Number);

/**
 * What the kernel has after these runs: `price` (null before cell one), the `numbers` in brackets of each cell (0: not run),
 * and what is below each, `outputs` ("error" where there was no price).
 */
export function kernelAfter(runs) {
  const state = { price: null, numbers: [0, 0, 0], outputs: ["", "", ""] };
  runs.forEach((cell, i) => {
    state.numbers[cell] = i + 1;
    state.outputs[cell] = "";
    if (cell === 0) state.price = 10;
    else if (state.price === null) state.outputs[cell] = "error";
    else if (cell === 1) state.price *= 0.9;
    else state.outputs[cell] = written(state.price);
  });
  return state;
}

/** A number without the dust of binary fractions: 8.1. */
export const written = (value) => String(Number(value.toPrecision(6)));

/** Whether the numbers tell of a run from top to bottom and nothing else. */
export const inOrder = ({ numbers }) => numbers.join() === "1,2,3";

class OutOfOrder extends Figure {
  static defaults = { runs: "" };

  get runs() { return readRuns(this.state.runs); }

  render() {
    const box = this.stage.appendChild(el("div", { "aria-hidden": "true" }));
    box.style.cssText = "max-width:34rem;margin-inline:auto;line-height:1.5";
    this.page = el("div", {});
    this.page.style.cssText = "display:grid;grid-template-columns:2.6rem 1fr;gap:6px 10px;align-items:start";
    this.kernel = el("div", {});
    this.kernel.style.cssText = "margin-top:var(--space-3);padding:var(--space-2) var(--space-3);min-height:4.4rem;border:1px dashed var(--line-strong);border-radius:var(--radius-s);font-size:var(--text-s)";
    box.append(this.page, this.kernel);
    this.buttons = CELLS.map((_, cell) => this.button(this.say(`跑第 ${cell + 1} 格`, `Run cell ${cell + 1}`), () => this.#run([cell])));
    this.controls.append(
      ...this.buttons,
      this.button(this.say("重启内核", "Restart the kernel"), () => this.update({ runs: "" })),
      this.button(this.say("重启，全部运行", "Restart and run all"), () => this.update({ runs: "012" })));
  }

  #run(cells) { this.update({ runs: [...this.runs, ...cells].join("") }); }

  draw() {
    const { runs } = this, found = kernelAfter(runs);
    this.page.replaceChildren(...CELLS.flatMap((code, cell) => {
      const number = el("span", {}, `[${found.numbers[cell] || " "}]`), paper = el("div", {});
      number.style.cssText = "color:var(--ink-soft);font-variant-numeric:tabular-nums;padding-top:0.45rem";
      const line = el("div", {}, code);
      line.style.cssText = "padding:0.45rem 0.7rem;font-family:monospace;background:var(--paper-raised);border:1px solid var(--line);border-radius:var(--radius-s);color:var(--ink)";
      paper.append(line);
      if (found.outputs[cell]) {
        const isError = found.outputs[cell] === "error", below = el("div", {}, isError ? this.say("报错：没有 price", "NameError: no price") : found.outputs[cell]);
        below.style.cssText = `padding:0.2rem 0.7rem;font-family:monospace;font-weight:700;color:var(--${isError ? "fault" : "ink"})`;
        paper.append(below);
      }
      return [number, paper];
    }));
    this.kernel.replaceChildren(
      el("div", {}, found.price === null ? this.say("内核里：什么也没有", "In the kernel: nothing") : this.say(`内核里：price = ${written(found.price)}`, `In the kernel: price = ${written(found.price)}`)),
      el("div", {}, this.#remark(found)));
    for (const button of this.buttons) button.disabled = runs.length === MOST;
  }

  #remark(found) {
    if (this.runs.length === MOST) return this.say("按得够多了，重启吧。", "That was enough; restart.");
    if (found.outputs[2] === "8.1") return this.say("出来了：8.1。纸上只打一次折。", "There it is, 8.1. The page takes a tenth off once.");
    if (inOrder(found)) return this.say("编号 1、2、3：谁来跑都是这个数。", "Numbered 1, 2, 3: anybody will get this.");
    return this.runs.length ? this.say("编号说出了次序，纸上看不出来。", "The numbers tell the order; the page does not.") : this.say("还没有跑过。", "Nothing has been run.");
  }

  describe() {
    const { runs } = this, found = kernelAfter(runs), order = runs.map((cell) => cell + 1);
    const price = found.price === null ? this.say("没有 price", "there is no price") : this.say(`price 是 ${written(found.price)}`, `price is ${written(found.price)}`);
    const shown = found.outputs[2] && found.outputs[2] !== "error" ? this.say(`，屏幕上是 ${found.outputs[2]}`, `, and ${found.outputs[2]} is shown`) : "";
    const failed = found.outputs.includes("error") ? this.say("，有一格报错", ", and a cell has failed") : "";
    return order.length
      ? this.say(`依次跑了第 ${order.join("、")} 格。内核里${price}${shown}${failed}。${this.#remark(found)}`, `Cells run: ${order.join(", ")}. In the kernel ${price}${shown}${failed}. ${this.#remark(found)}`)
      : this.say(`三个格子都没有跑过。内核里${price}。`, `None of the three cells has been run. In the kernel ${price}.`);
  }
}

define("out-of-order", OutOfOrder);
