/**
 * The matrix product, cell by cell: A at the lower left, B at the upper right, C where their row and column meet.
 *
 * The reader selects a cell of C, sees which row and column make it, works the sum out and types it before it is shown.
 * The values of A and B can be changed; the widths can be made to disagree, and then there is no product.
 */
import { Figure, define, el, svg } from "../js/figure.js";

export const MOST = 4;

/** "1_2_0" -> [1, 2, 0]; anything that is not a whole number from -9 to 9 becomes 0. Always MOST * MOST long. */
export function parse(values) {
  const numbers = values.split("_").map(Number);
  return Array.from({ length: MOST * MOST }, (_, i) => Number.isInteger(numbers[i]) && Math.abs(numbers[i]) <= 9 ? numbers[i] : 0);
}

/** The left upper `rows` x `columns` part of a MOST x MOST table as nested arrays. */
export function part(table, rows, columns) {
  return Array.from({ length: rows }, (_, i) => table.slice(i * MOST, i * MOST + columns));
}

/** The `[left, right, left * right]` triples that cell (row, column) of `a` times `b` adds up. */
export function terms(a, b, row, column) {
  return a[row].map((left, t) => [left, b[t][column], left * b[t][column]]);
}

/** The product of an (m, k) and a (k, n) array of arrays, shape (m, n); null when the inner sizes disagree. */
export function multiply(a, b) {
  if (a[0].length !== b.length) return null;
  return a.map((_, row) => b[0].map((_, column) => terms(a, b, row, column).reduce((sum, one) => sum + one[2], 0)));
}

/** "1×2 + 3×(-1)": the sum of a cell as written by hand. */
export function sumText(list) {
  return list.map(([left, right]) => `${signed(left)}×${signed(right)}`).join(" + ");
}

const signed = (number) => number < 0 ? `(${minus(number)})` : String(number);
const minus = (number) => String(number).replace("-", "−");
const bit = (row, column) => 1 << (row * MOST + column);
const between = (value, least, most) => Math.min(most, Math.max(least, Math.round(value)));

class MatrixProduct extends Figure {
  /** `m` x `k` is the shape of A, `p` x `n` that of B; `open` has a bit for each visible cell of C. */
  static defaults = {
    m: 2, k: 3, p: 3, n: 2, row: 0, column: 0, open: 0, guess: "",
    a: "1_2_0_1_3_-1_2_0_0_1_1_2_2_0_-2_1", b: "2_1_3_0_0_3_-1_2_1_-2_0_1_1_0_2_-1",
  };

  render() {
    this.root = this.stage.appendChild(svg("svg", { role: "group" }));
    this.root.style.cssText = "display:block;width:100%;touch-action:manipulation";
    this.root.addEventListener("click", (event) => this.#act(event.target.closest?.("[data-cell]")?.dataset.cell, "click", event));
    this.root.addEventListener("keydown", (event) => this.#act(event.target.dataset?.cell, event.key, event));

    this.input = el("input", { type: "number", step: 1, inputmode: "text" });
    this.input.style.width = "5em";
    const form = el("form", { onsubmit: (event) => { event.preventDefault(); this.#check(); } },
      el("label", {}, el("span", {}, this.say("这一格等于 ", "This cell is ")), this.input), " ",
      el("button", { type: "submit", class: "button" }, this.say("对一对", "Check")));
    form.style.cssText = "display:flex;flex-wrap:wrap;align-items:center;gap:var(--space-2)";
    this.nextButton = this.button(this.say("下一格", "Next cell"), () => this.#next());
    this.allButton = this.button(this.say("全部揭晓", "Show all"), () => this.update({ open: (1 << (MOST * MOST)) - 1 }));
    this.form = form;
    const size = (key, label) => this.slider(key, { label, min: 1, max: MOST, step: 1 });
    this.controls.append(form, this.nextButton, this.allButton,
      el("details", {}, el("summary", {}, this.say("换个形状", "Change the shapes")),
        size("m", this.say("A 的行数", "Rows of A")), size("k", this.say("A 的列数", "Columns of A")),
        size("p", this.say("B 的行数", "Rows of B")), size("n", this.say("B 的列数", "Columns of B"))));
  }

  /** A, B and their product as displayed. */
  matrices() {
    for (const key of ["m", "k", "p", "n"]) this.state[key] = between(this.state[key], 1, MOST);
    const { m, k, p, n } = this.state;
    this.state.row = between(this.state.row, 0, m - 1);
    this.state.column = between(this.state.column, 0, n - 1);
    const a = part(parse(this.state.a), m, k), b = part(parse(this.state.b), p, n);
    return { a, b, c: multiply(a, b) };
  }

  isOpen(row, column) { return (this.state.open & bit(row, column)) !== 0; }

  #check() {
    const { row, column, open } = this.state;
    if (this.input.value.trim() === "") return this.input.focus();
    this.update({ open: open | bit(row, column), guess: String(Number(this.input.value)) });
  }

  #select(row, column) {
    this.input.value = "";
    this.update({ row, column, guess: "" });
  }

  /** The next hidden cell in reading order, otherwise the next cell. */
  #next() {
    const { m, n, row, column } = this.state, here = row * n + column;
    const order = Array.from({ length: m * n }, (_, i) => (here + 1 + i) % (m * n));
    const next = order.find((i) => !this.isOpen(Math.floor(i / n), i % n)) ?? order[0];
    this.#select(Math.floor(next / n), next % n);
    if (this.form.style.display !== "none") this.input.focus({ preventScroll: true });
  }

  /** A click or a key on the cell "a-0-1", "b-2-0" or "c-1-1". */
  #act(cell, action, event) {
    if (!cell) return;
    const [name, row, column] = cell.split("-").map((one, i) => i ? Number(one) : one);
    const moves = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
    const presses = ["click", "Enter", " "].includes(action);
    if (name === "c") {
      if (presses) { this.#select(row, column); if (action === "click") this.#focus(cell); } else if (moves[action]) {
        const { m, n } = this.state, [down, right] = moves[action];
        const to = [between(row + down, 0, m - 1), between(column + right, 0, n - 1)];
        this.#select(...to);
        this.#focus(`c-${to.join("-")}`);
      } else return;
    } else {
      const step = { ArrowUp: 1, ArrowRight: 1, "+": 1, ArrowDown: -1, ArrowLeft: -1, "-": -1 }[action] ?? (presses ? 1 : 0);
      if (!step) return;
      const table = parse(this.state[name]), place = row * MOST + column;
      table[place] = wrap(table[place] + step);
      this.update({ [name]: table.join("_"), guess: "" });
    }
    event.preventDefault();
  }

  #focus(cell) { this.root.querySelector(`[data-cell="${cell}"]`)?.focus({ preventScroll: true }); }

  draw() {
    const { a, b, c } = this.matrices(), { m, k, p, n, row, column } = this.state;
    const width = Math.max(280, this.stage.clientWidth), gap = 44;
    const cell = Math.min(54, (width - gap - 20) / (k + n));
    const left = (width - (k + n) * cell - gap) / 2, middle = left + k * cell + gap;
    const top = 26, lower = top + p * cell + 40, equation = lower + m * cell + 52;
    const focused = this.root.contains(document.activeElement) ? document.activeElement.dataset.cell : null;
    this.size = { cell, width };
    this.form.style.display = !c || this.isOpen(row, column) ? "none" : "flex";
    this.nextButton.hidden = !c || m * n < 2;
    this.allButton.hidden = !c || a.every((_, i) => b[0].every((_, j) => this.isOpen(i, j)));
    this.root.setAttribute("viewBox", `0 0 ${width} ${equation + 14}`);
    this.root.setAttribute("aria-label", this.say("矩阵 A、B 和它们的乘积 C", "Matrices A, B and their product C"));
    this.root.replaceChildren(
      svg("rect", { x: left, y: lower + row * cell, width: k * cell, height: cell, rx: 6, fill: "var(--leaf-wash)" }),
      svg("rect", { x: middle + column * cell, y: top, width: cell, height: p * cell, rx: 6, fill: "var(--leaf-wash)" }),
      ...this.#table("a", a, left, lower, (i, t) => i === row ? t : -1),
      ...this.#table("b", b, middle, top, (t, j) => j === column ? t : -1),
      label(left + k * cell / 2, lower - 12, `A  ${m}×${k}`), label(middle + n * cell / 2, top - 10, `B  ${p}×${n}`),
      ...(c ? this.#result(c, middle, lower) : this.#mismatch(middle, lower)),
      ...(c ? [label(middle + n * cell / 2, lower + m * cell + 20, `C  ${m}×${n}`), this.#equation(terms(a, b, row, column), c[row][column], equation)] : []));
    if (focused) this.#focus(focused);
  }

  /** Brackets and numbers; `tone(i, j)` is the index of the pair's colour, or -1. */
  #table(name, values, x, y, tone) {
    const { cell } = this.size, parts = [...brackets(x, y, values[0].length * cell, values.length * cell)];
    values.forEach((line, i) => line.forEach((value, j) => {
      const colour = tone(i, j) < 0 ? "var(--ink)" : `var(--series-${tone(i, j) + 1})`;
      parts.push(this.#cell(`${name}-${i}-${j}`, x + j * cell, y + i * cell, minus(value), { fill: colour, "font-weight": tone(i, j) < 0 ? 400 : 700 }, {
        role: "spinbutton", "aria-valuenow": value, "aria-valuemin": -3, "aria-valuemax": 3,
        "aria-label": this.say(`${name.toUpperCase()} 第 ${i + 1} 行第 ${j + 1} 列`, `${name.toUpperCase()} row ${i + 1} column ${j + 1}`),
      }));
    }));
    return parts;
  }

  #result(c, x, y) {
    const { cell } = this.size, { row, column } = this.state, parts = [...brackets(x, y, c[0].length * cell, c.length * cell)];
    parts.push(svg("rect", { x: x + column * cell + 2, y: y + row * cell + 2, width: cell - 4, height: cell - 4, rx: 6, fill: "none", stroke: "var(--leaf)", "stroke-width": 2.5 }));
    c.forEach((line, i) => line.forEach((value, j) => {
      const shown = this.isOpen(i, j), here = i === row && j === column;
      parts.push(this.#cell(`c-${i}-${j}`, x + j * cell, y + i * cell, shown ? minus(value) : here ? "?" : "·", { fill: shown ? "var(--ink)" : "var(--ink-soft)", "font-weight": here ? 700 : 400 }, {
        role: "button", "aria-pressed": here, tabindex: here ? 0 : -1,
        "aria-label": this.say(`C 第 ${i + 1} 行第 ${j + 1} 列：${shown ? value : "还没揭晓"}`, `C row ${i + 1} column ${j + 1}: ${shown ? value : "not shown yet"}`),
      }));
    }));
    return parts;
  }

  #cell(key, x, y, content, look, attributes) {
    const { cell } = this.size;
    return svg("g", { "data-cell": key, tabindex: 0, cursor: "pointer", ...attributes },
      svg("rect", { x, y, width: cell, height: cell, rx: 6, fill: "transparent" }),
      svg("text", { x: x + cell / 2, y: y + cell / 2, dy: "0.36em", "text-anchor": "middle", "font-size": Math.min(22, cell * 0.5), ...look }, content));
  }

  #mismatch(x, y) {
    const { k, p, n, m } = this.state, { cell, width } = this.size;
    return [label(x + n * cell / 2, y + m * cell / 2 + 6, "✕", { fill: "var(--fault)", "font-size": 28 }),
      label(width / 2, y + m * cell + 34, this.say(`一行有 ${k} 个数，一列有 ${p} 个数，配不成对`, `A row has ${k}, a column has ${p}: no pairs`), { fill: "var(--fault)", "font-weight": 600 })];
  }

  #equation(list, value, y) {
    const shown = this.isOpen(this.state.row, this.state.column);
    const line = svg("text", { x: this.size.width / 2, y, "text-anchor": "middle", "font-size": this.size.width < 420 ? 15 : 18, fill: "var(--ink)" });
    list.forEach((one, t) => {
      line.append(t ? " + " : "", svg("tspan", { fill: `var(--series-${t + 1})`, "font-weight": 700 }, sumText([one])));
    });
    line.append(shown ? ` = ${minus(value)}` : " = ?");
    return line;
  }

  describe() {
    const { a, b, c } = this.matrices(), { m, k, p, n, row, column, guess } = this.state;
    if (!c) return this.say(
      `A 是 ${m}×${k}，B 是 ${p}×${n}。A 的列数 ${k} 不等于 B 的行数 ${p}，乘不了。`,
      `A is ${m}×${k}, B is ${p}×${n}. A has ${k} columns but B has ${p} rows: there is no product.`);
    const sum = sumText(terms(a, b, row, column)), value = c[row][column];
    const parts = [this.say(
      `A 是 ${m}×${k}，B 是 ${k}×${n}，C 是 ${m}×${n}。C 第 ${row + 1} 行第 ${column + 1} 列用 A 的第 ${row + 1} 行和 B 的第 ${column + 1} 列：${sum}`,
      `A is ${m}×${k}, B is ${k}×${n}, C is ${m}×${n}. Row ${row + 1}, column ${column + 1} of C pairs row ${row + 1} of A with column ${column + 1} of B: ${sum}`)];
    if (!this.isOpen(row, column)) return parts[0] + this.say("，等于多少？先算一算。", ". What is it? Work it out first.");
    parts.push(` = ${minus(value)}${this.say("。", ". ")}`);
    if (guess !== "") parts.push(Number(guess) === value ? this.say("你算对了。", "You are right.") : this.say(`你算的是 ${guess}，再逐项对一遍。`, `You had ${guess}; go through the products again.`));
    return parts.join("");
  }
}

/** Values run from -3 to 3 and wrap around. */
function wrap(value) {
  return value > 3 ? -3 : value < -3 ? 3 : value;
}

function label(x, y, content, attributes = {}) {
  return svg("text", { x, y, "text-anchor": "middle", "font-size": 15, fill: "var(--ink-soft)", ...attributes }, content);
}

function brackets(x, y, width, height) {
  const paint = { fill: "none", stroke: "var(--ink)", "stroke-width": 2, "stroke-linecap": "round", "stroke-linejoin": "round" };
  return [svg("path", { d: `M${x + 3} ${y}H${x - 4}V${y + height}H${x + 3}`, ...paint }),
    svg("path", { d: `M${x + width - 3} ${y}H${x + width + 4}V${y + height}H${x + width - 3}`, ...paint })];
}

define("matrix-product", MatrixProduct);
