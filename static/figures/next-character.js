/**
 * A language model that one can see through: it counts which character follows which in a few lines, shows the chances of the
 * next one, and writes with dice. The reader chooses how many characters it remembers and the temperature, and may feed it lines.
 */
import { Figure, define, el } from "../js/figure.js";
import { randomOf } from "../js/random.js";

export const COUPLETS = ["明月松间照，清泉石上流。", "海上生明月，天涯共此时。", "月出惊山鸟，时鸣春涧中。",
  "野旷天低树，江清月近人。", "举头望明月，低头思故乡。", "星垂平野阔，月涌大江流。"];

/** Stands before the first character of each sentence. */
export const BEGIN = "\u0002";
const END = "。", LONGEST = 30, ROUNDS = 200, MOST_TEXT = 600;

/** The sentences of a text, each ending in "。", without spaces at either end. */
export function sentences(text) {
  return text.split(/[。！？.!?|\n]+/u).map((each) => each.trim()).filter(Boolean).map((each) => each + END);
}

/** What the model sees of `written` if it remembers `memory` characters. */
export function context(written, memory) {
  return memory ? [...BEGIN.repeat(memory), ...written].slice(-memory).join("") : "";
}

/** How often each character follows each context: a Map of Maps. */
export function count(lines, memory) {
  const table = new Map();
  for (const line of lines) {
    let before = "";
    for (const character of line) {
      const seen = context(before, memory);
      if (!table.has(seen)) table.set(seen, new Map());
      const row = table.get(seen);
      row.set(character, (row.get(character) ?? 0) + 1);
      before += character;
    }
  }
  return table;
}

/** [character, count, probability] of what may come after `seen`, most likely first; empty where `seen` was never seen. */
export function chances(table, seen, temperature = 1) {
  const row = [...(table.get(seen) ?? [])].sort((a, b) => b[1] - a[1]);
  const weights = row.map(([, times]) => Math.exp(Math.log(times / row[0][1]) / temperature));
  const sum = weights.reduce((a, b) => a + b, 0);
  return row.map(([character, times], i) => [character, times, weights[i] / sum]);
}

/** The character on which a die from 0 to 1 falls. */
export function drawn(row, die) {
  let passed = 0;
  for (const [character, , p] of row) {
    passed += p;
    if (die < passed) return character;
  }
  return row.at(-1)[0];
}

/** The mean of -ln p over all characters of the lines that were counted. */
export function surprise(lines, memory) {
  const table = count(lines, memory);
  let sum = 0, characters = 0;
  for (const row of table.values()) {
    const total = [...row.values()].reduce((a, b) => a + b, 0);
    for (const times of row.values()) sum -= times * Math.log(times / total);
    characters += total;
  }
  return characters ? sum / characters : 0;
}

/** A sentence from beginning to end (or to the longest allowed), with dice from `die()`. */
export function write(table, memory, temperature, die, written = "") {
  while (!written.endsWith(END) && [...written].length < LONGEST) {
    const row = chances(table, context(written, memory), temperature);
    if (!row.length) break;
    written += drawn(row, die());
  }
  return written;
}

/** The lengths of a sentence's parts: [5, 5] of a couplet. */
export const shape = (sentence) => sentence.replace(END, "").split(/[，,]/u).map((part) => [...part].length);

/** "copied" from the lines, "new" but as long as one of them, "broken", or "open" while it has no end. */
export function verdict(sentence, lines) {
  if (!sentence.endsWith(END)) return "open";
  if (lines.includes(sentence)) return "copied";
  return lines.some((line) => String(shape(line)) === String(shape(sentence))) ? "new" : "broken";
}

const SHOWN = 6;
const percent = (p) => `${(p * 100).toFixed(p < 0.1 ? 1 : 0)}%`;

class NextCharacter extends Figure {
  static defaults = { lines: "", memory: "1", temperature: 1, written: "", seed: 1, many: false };

  get lines() {
    const own = sentences(this.state.lines.slice(0, MOST_TEXT));
    return own.length ? own : COUPLETS;
  }
  get memory() { return ["0", "1", "2"].includes(this.state.memory) ? Number(this.state.memory) : 1; }
  get heat() { return Math.min(3, Math.max(0.1, this.state.temperature)); }
  get written() { return [...this.state.written].slice(0, LONGEST).join(""); }

  render() {
    this.paper = this.stage.appendChild(el("p", { lang: "zh", translate: "no" }));
    Object.assign(this.paper.style, { margin: "0 0 0.4rem", minHeight: "2.6rem", fontSize: "1.25rem", lineHeight: "1.3", overflowWrap: "anywhere" });
    this.rows = this.stage.appendChild(el("div", { role: "group", "aria-label": this.say("下一个字", "The next character") }));
    Object.assign(this.rows.style, { display: "grid", gap: "2px", minHeight: "14.6rem", alignContent: "start" });
    this.one = this.button(this.say("掷一次", "Roll once"), () => this.#write(1));
    this.all = this.button(this.say("写到底", "To the end"), () => this.#write(LONGEST));
    this.again = this.button(this.say("另起一句", "Start again"), () => this.update({ written: "", seed: this.state.seed + 1, many: false }));
    this.tally = this.button(this.say(`写 ${ROUNDS} 句`, `Write ${ROUNDS}`), () => this.update({ many: true }));
    const buttons = el("div", {}, this.one, this.all, this.again, this.tally);
    Object.assign(buttons.style, { display: "flex", flexWrap: "wrap", gap: "0.4rem" });
    for (const button of buttons.children) Object.assign(button.style, { paddingInline: "0.6rem", minHeight: "2.2rem" });
    this.controls.style.gap = "0.3rem 1.2rem";
    this.controls.append(
      buttons,
      this.choice("memory", { label: this.say("记住几个字", "It remembers"), choices: [["0", "0"], ["1", "1"], ["2", "2"]] }),
      this.slider("temperature", { label: this.say("温度", "Temperature"), min: 0.1, max: 3, step: 0.1, format: (value) => value.toFixed(1) }),
      this.#ownLines());
    for (const input of this.controls.querySelectorAll("[name=next-character-memory]")) {
      input.addEventListener("change", () => this.update({ written: "", many: false }));
    }
  }

  #ownLines() {
    this.text = el("textarea", { rows: 4, maxlength: MOST_TEXT, "aria-label": this.say("喂给它的句子", "Lines to feed it") });
    Object.assign(this.text.style, { width: "100%", boxSizing: "border-box", background: "var(--paper-raised)", color: "var(--ink)", border: "1px solid var(--line-strong)" });
    // The address of a state keeps `,`, `:` and `=` for itself.
    const tidy = () => sentences(this.text.value.replace(/[,:=%#]/gu, (mark) => ({ ",": "，", ":": "：" })[mark] ?? "")).map((each) => each.slice(0, -1)).join("|");
    const feed = this.button(this.say("喂给它", "Feed it"), () => this.update({ lines: tidy(), written: "", many: false }));
    const own = el("details", {}, el("summary", {}, this.say("换成你自己的句子", "Use lines of your own")), this.text, feed);
    own.style.flexBasis = "100%";
    return own;
  }

  #write(steps) {
    let written = this.written;
    const table = count(this.lines, this.memory), die = randomOf(this.state.seed);
    [...written].forEach(() => die());
    for (let step = 0; step < steps && !this.#isOver(written); step++) {
      const row = chances(table, context(written, this.memory), this.heat);
      if (!row.length) break;
      written += drawn(row, die());
    }
    this.update({ written, many: false });
  }

  #isOver(written) { return written.endsWith(END) || [...written].length >= LONGEST; }

  draw() {
    const { lines, memory, written } = this, table = count(lines, memory), isOver = this.#isOver(written);
    const row = isOver ? [] : chances(table, context(written, memory), this.heat);
    // Redrawing must not take the focus from a row that was just chosen by keyboard.
    const focused = [...this.rows.children].indexOf(document.activeElement);
    this.#drawPaper(written, isOver ? 0 : memory);
    this.rows.replaceChildren(...row.slice(0, SHOWN).map((each) => this.#row(each, row[0][2])));
    const others = row.slice(SHOWN), rest = others.reduce((sum, [, , p]) => sum + p, 0);
    if (others.length) this.rows.append(note(this.say(`还有 ${others.length} 个字，一共 ${percent(rest)}`, `${others.length} more characters share ${percent(rest)}`)));
    if (!row.length) this.rows.append(note(isOver ? this.#ending() : this.say("这几个字后面接什么，它一次也没见过。", "It has never seen what follows these characters.")));
    if (this.state.many) this.rows.replaceChildren(...this.#tally());
    if (focused >= 0) (this.rows.querySelectorAll("button")[focused] ?? this.rows.querySelector("button") ?? this.again).focus({ preventScroll: true });
    this.one.disabled = this.all.disabled = !row.length;
    if (document.activeElement !== this.text) this.text.value = lines.map((line) => line.replace(END, "")).join("\n");
  }

  /** What is written, with what the model still sees of it marked. */
  #drawPaper(written, memory) {
    const characters = [...written], from = Math.max(0, characters.length - memory);
    const seen = el("mark", {}, characters.slice(from).join(""));
    Object.assign(seen.style, { background: "var(--leaf)", color: "var(--paper)", borderRadius: "0.2rem", padding: seen.textContent ? "0 0.15rem" : "0" });
    const start = el("span", {}, this.say("起 ", "▸ "));
    start.style.color = "var(--ink-soft)";
    this.paper.replaceChildren(start, characters.slice(0, from).join(""), seen);
  }

  #row([character, times, p], most) {
    const name = el("span", { lang: "zh", translate: "no" }, character === " " ? "␣" : character), share = el("span", {}, percent(p));
    const label = this.say(`写“${character}”，见过 ${times} 次，概率 ${percent(p)}`, `Write ${character}, seen ${times} times, probability ${percent(p)}`);
    const row = el("button", { type: "button", title: label, onclick: () => this.update({ written: this.written + character, many: false }) }, name, track(p / Math.max(most, 0.5), "series-1"), share);
    Object.assign(row.style, { display: "grid", gridTemplateColumns: "1.8rem 1fr 3.4rem", alignItems: "center", gap: "0.5rem", width: "100%", minHeight: "2rem", padding: "0 0.3rem", border: "0", background: "none", color: "var(--ink)", font: "inherit", textAlign: "start", cursor: "pointer" });
    Object.assign(name.style, { fontSize: "1.2rem", textAlign: "center" });
    Object.assign(share.style, { textAlign: "end", fontVariantNumeric: "tabular-nums" });
    return row;
  }

  #ending() {
    const { written, lines } = this, parts = shape(written).join(this.say("、", ", "));
    return {
      open: this.say(`写了 ${LONGEST} 个字，还没有写完。`, `${LONGEST} characters, and still no end.`),
      copied: this.say("照抄：喂给它的句子里，有一模一样的。", "A copy: the very same line was fed to it."),
      new: this.say(`新句：长短合格（${parts}），原来没有这一句。`, `New, and as long as it should be (${parts}).`),
      broken: this.say(`乱了：长短是 ${parts}，喂给它的句子没有这样的。`, `Broken: its parts have lengths ${parts}, and no line fed to it has these.`),
    }[verdict(written, lines)];
  }

  /** How many of 200 lines were copies, new or broken, and the first that it wrote. */
  get tallied() {
    const { lines, memory } = this, table = count(lines, memory), die = randomOf(this.state.seed);
    const found = { copied: 0, new: 0, broken: 0 }, written = [];
    for (let round = 0; round < ROUNDS; round++) {
      const line = write(table, memory, this.heat, die), kind = verdict(line, lines);
      found[kind === "open" ? "broken" : kind]++;
      written.push(line);
    }
    return { found, written };
  }

  #tally() {
    const { found, written } = this.tallied;
    const names = { copied: this.say("照抄", "copies"), new: this.say("合格的新句", "new, proper"), broken: this.say("长短乱了", "broken") };
    const colours = { copied: "ink-faint", new: "leaf", broken: "series-2" };
    const samples = written.slice(0, 3).map((line) => {
      const sample = note(line);
      sample.lang = "zh";
      return sample;
    });
    return [...Object.entries(found).map(([kind, times]) => {
      const line = el("div", {}, el("span", {}, names[kind]), track(times / ROUNDS, colours[kind]), el("span", {}, String(times)));
      Object.assign(line.style, { display: "grid", gridTemplateColumns: "6.5rem 1fr 2.6rem", alignItems: "center", gap: "0.5rem", minHeight: "2rem" });
      line.lastChild.style.textAlign = "end";
      return line;
    }), ...samples];
  }

  #counted() {
    const { found } = this.tallied;
    return this.say(
      `写了 ${ROUNDS} 句：照抄 ${found.copied} 句，合格的新句 ${found.new} 句，长短乱了的 ${found.broken} 句。`,
      `${ROUNDS} lines: ${found.copied} are copies, ${found.new} are new and of a proper length, ${found.broken} are broken.`);
  }

  describe() {
    const { lines, memory, written } = this, size = [...written].length, mean = surprise(lines, memory).toFixed(3);
    const row = chances(count(lines, memory), context(written, memory), this.heat);
    const now = this.state.many ? this.#counted() : this.#isOver(written) ? this.#ending() : row.length
      ? this.say(`写了 ${size} 个字。下一个字有 ${row.length} 种可能，最可能的一种是 ${percent(row[0][2])}。`, `${size} character${size === 1 ? "" : "s"} written. ${row.length} may come next; the most likely has ${percent(row[0][2])}.`)
      : this.say("接下去是什么，它没见过。", "What follows it has never seen.");
    return this.say(
      `${now}记住 ${memory} 个字，温度 ${this.heat.toFixed(1)}；在喂给它的 ${lines.length} 句上，平均每个字的惊讶值是 ${mean}。`,
      `${now} It remembers ${memory} character${memory === 1 ? "" : "s"}, at temperature ${this.heat.toFixed(1)}; on the ${lines.length} lines fed to it the mean surprise is ${mean} per character.`);
  }
}

/** A bar that fills a share, 0 to 1, of its column. */
function track(share, colour) {
  const bar = el("span", {}), whole = el("span", {}, bar);
  Object.assign(whole.style, { display: "block", height: "1rem", background: "var(--paper-sunken)" });
  Object.assign(bar.style, { display: "block", height: "100%", width: `${Math.min(1, share) * 100}%`, background: `var(--${colour})` });
  return whole;
}

function note(content) {
  const line = el("p", {}, content);
  Object.assign(line.style, { margin: "0.3rem 0", color: "var(--ink-soft)", fontSize: "0.95rem" });
  return line;
}

define("next-character", NextCharacter);
