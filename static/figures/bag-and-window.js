/**
 * One short Chinese review, read twice: by a bag of words, which adds up a weight for each character, and by four windows
 * of two characters, as a small TextCNN has them. The reader moves characters about; the bag never notices.
 *
 * The bag's numbers and weights are those of one training with the starting values of lesson 25's lab (rounded to tenths). The windows' weights are made by hand: each asks for one kind of first and one kind of second character.
 */
import { Figure, define, el } from "../js/figure.js";

export const LENGTH = 8;
export const PADDING = 0, UNKNOWN = 1;

/** `number` in the vocabulary, `weight` in the bag (tenths), `turn` and `tone`: what two numbers of an embedding could say. */
export const VOCABULARY = new Map(Object.entries({
  "，": { number: 2, weight: 0, turn: 0, tone: 0, en: "comma" },
  的: { number: 3, weight: 1, turn: 0, tone: 0, en: "of" },
  "。": { number: 4, weight: 0, turn: 0, tone: 0, en: "stop" },
  是: { number: 5, weight: 0, turn: 0, tone: 0, en: "is" },
  不: { number: 6, weight: -4, turn: -1, tone: 0, en: "not" },
  了: { number: 7, weight: -1, turn: 0, tone: 0, en: "done" },
  有: { number: 9, weight: -1, turn: 0, tone: 0, en: "has" },
  很: { number: 11, weight: 3, turn: 1, tone: 0, en: "very" },
  好: { number: 15, weight: 2, turn: 0, tone: 1, en: "good" },
  也: { number: 22, weight: 1, turn: 0, tone: 0, en: "also" },
  没: { number: 23, weight: -4, turn: -1, tone: 0, en: "none" },
  错: { number: 64, weight: 12, turn: 0, tone: -1, en: "wrong" },
  太: { number: 73, weight: -5, turn: 1, tone: 0, en: "too" },
  差: { number: 108, weight: -7, turn: 0, tone: -1, en: "poor" },
  真: { number: 112, weight: 0, turn: 1, tone: 0, en: "truly" },
  望: { number: 241, weight: -3, turn: 0, tone: 0, en: "hope" },
  失: { number: 423, weight: -5, turn: 0, tone: -1, en: "lose" },
}));

const NOTHING = { number: UNKNOWN, weight: 0, turn: 0, tone: 0, en: "unknown" };

/** Each window answers 1 where the first character has its turn and the second its tone, else 0; `sign` is what it adds. */
export const WINDOWS = [
  { key: "很好", en: "very good", turn: 1, tone: 1, sign: 1 },
  { key: "不错", en: "not bad", turn: -1, tone: -1, sign: 1 },
  { key: "不好", en: "not good", turn: -1, tone: 1, sign: -1 },
  { key: "很差", en: "very bad", turn: 1, tone: -1, sign: -1 },
];

export const EXAMPLES = [
  { text: "很好，不失望", praise: true }, { text: "不好，很失望", praise: false }, { text: "不错", praise: true },
  { text: "不太好", praise: false }, { text: "不是不好", praise: true },
];

/** At most eight characters, without spaces; the first example where nothing is left. */
export function readText(text) {
  const kept = [...text.normalize().replaceAll(",", "，")].filter((character) => !/[\s\p{C}]/u.test(character));
  return kept.slice(0, LENGTH).join("") || EXAMPLES[0].text;
}

/** The text as code points, such as "5f88_597d": an address holds Chinese only in disguise. */
export const toCodes = (text) => [...text].map((character) => character.codePointAt(0).toString(16)).join("_");

/** The text of code points; the first example if they are malformed. */
export function fromCodes(codes) {
  const points = codes.split("_").map((code) => (/^[0-9a-f]{2,5}$/.test(code) ? parseInt(code, 16) : 0));
  return readText(points.every(Boolean) ? String.fromCodePoint(...points) : "");
}

export const entryOf = (character) => VOCABULARY.get(character) ?? NOTHING;

/** Eight numbers: a short text is filled up with 0. */
export function encode(text) {
  const numbers = [...text].map((character) => entryOf(character).number);
  return [...numbers, ...Array(LENGTH - numbers.length).fill(PADDING)];
}

/** The bag's score, in tenths. */
export const bagScore = (text) => [...text].reduce((sum, character) => sum + entryOf(character).weight, 0);

/** ReLU(turn · first's turn + tone · second's tone − 1) at each pair of neighbours. */
export function answers(text, { turn, tone }) {
  const entries = [...text].map(entryOf);
  return entries.slice(1).map((second, i) => Math.max(0, turn * entries[i].turn + tone * second.tone - 1));
}

/** The largest answer of each window, anywhere in the text; 0 in a text of one character. */
export const found = (text) => WINDOWS.map((window) => Math.max(0, ...answers(text, window)));

export const windowScore = (text) => found(text).reduce((sum, value, i) => sum + WINDOWS[i].sign * value, 0);

/** The text with the characters at two places exchanged. */
export function swapped(text, one, other) {
  const characters = [...text];
  [characters[one], characters[other]] = [characters[other], characters[one]];
  return characters.join("");
}

const shown = (number) => String(number).replace("-", "−");
const tenths = (number) => (number < 0 ? `−${(-number / 10).toFixed(1)}` : (number / 10).toFixed(1));

class BagAndWindow extends Figure {
  static defaults = { review: toCodes(EXAMPLES[0].text) };

  get text() { return fromCodes(this.state.review); }

  #show(text) { this.picked = -1; this.update({ review: toCodes(text) }); }

  render() {
    this.picked = -1;
    this.addEventListener("figure-reset", () => { this.picked = -1; });
    this.grid = this.stage.appendChild(el("div", {}));
    this.grid.style.cssText = `display:grid;grid-template-columns:${this.say("3.6rem", "5.2rem")} repeat(16,minmax(0,1fr));gap:3px 0;align-items:center;max-width:34rem;margin-inline:auto;line-height:1.3;text-align:center;font-size:0.8125rem`;
    this.tiles = Array.from({ length: LENGTH }, (_, place) => {
      const tile = el("button", { type: "button", onclick: () => this.#pick(place), onkeydown: (event) => this.#key(event, place) });
      tile.style.cssText = `grid-row:1;grid-column:${2 + 2 * place}/span 2;margin-inline:1.5px;min-height:2.3rem;padding:0;border-radius:var(--radius-s);font-size:1.2rem;background:var(--paper-raised);color:var(--ink)`;
      return tile;
    });
    this.cells = el("div", { "aria-hidden": "true" });
    this.cells.style.display = "contents";
    this.grid.append(...this.tiles, this.cells);
    this.verdicts = this.stage.appendChild(el("div", { "aria-hidden": "true" }));
    this.verdicts.style.cssText = "max-width:34rem;margin:var(--space-3) auto 0;line-height:1.5;font-size:var(--text-s)";
    this.input = el("input", { type: "text", maxlength: LENGTH, size: 10, autocomplete: "off", oninput: () => this.#show(readText(this.input.value)) });
    this.controls.append(this.#examples(), el("label", {}, this.say("自己写（8 个字以内）", "Write your own (up to 8)"), " ", this.input));
  }

  #examples() {
    const group = el("fieldset", { class: "figure-choice" }, el("legend", {}, this.say("换一条", "Another review")));
    for (const { text } of EXAMPLES) {
      const button = this.button(text, () => this.#show(text));
      button.lang = "zh-Hans";
      button.classList.add("button-quiet");
      group.append(button);
    }
    return group;
  }

  /** The first tile is taken up, the second changes places with it. */
  #pick(place) {
    const { picked } = this;
    if (picked < 0 || picked === place) {
      this.picked = picked < 0 ? place : -1;
      this.draw();
      return;
    }
    this.#show(swapped(this.text, picked, place));
  }

  #key(event, place) {
    const other = place + ({ ArrowLeft: -1, ArrowRight: 1 }[event.key] ?? 0);
    if (other === place || other < 0 || other >= [...this.text].length) return;
    event.preventDefault();
    this.#show(swapped(this.text, place, other));
    this.tiles[other].focus();
  }

  draw() {
    const { text } = this, characters = [...text];
    this.tiles.forEach((tile, place) => {
      const character = characters[place];
      tile.hidden = character === undefined;
      tile.textContent = character ?? "";
      tile.lang = "zh-Hans";
      tile.setAttribute("aria-pressed", String(place === this.picked));
      tile.style.border = place === this.picked ? "3px solid var(--focus)" : "1px solid var(--line-strong)";
    });
    if (this.ownerDocument.activeElement !== this.input) this.input.value = text;
    this.cells.replaceChildren(
      ...this.#row(2, this.say("编号", "number"), encode(text).map((number) => ({ text: String(number), soft: true })), 2),
      ...this.#row(3, this.say("词袋", "bag"), characters.map((character) => weightCell(entryOf(character).weight)), 2),
      ...WINDOWS.flatMap((window, i) => this.#row(4 + i, `${window.sign > 0 ? "+" : "−"} ${this.say(window.key, window.en)}`, answerCells(answers(text, window)), 3)));
    this.verdicts.replaceChildren(...this.#verdicts(text));
  }

  /** A label and a row of cells; each is as wide as a tile, and begins below the middle of one if `first` is 3. */
  #row(row, label, cells, first) {
    const name = el("span", {}, label);
    name.style.cssText = `grid-row:${row};grid-column:1;text-align:start;color:var(--ink-soft);line-height:1.15`;
    return [name, ...cells.map((cell, place) => {
      const box = el("span", {}, cell.text);
      box.style.cssText = `grid-row:${row};grid-column:${first + 2 * place}/span 2;margin-inline:1.5px;padding-block:2px;border-radius:var(--radius-s);${cell.style ?? ""}${cell.soft ? ";color:var(--ink-soft)" : ""}`;
      return box;
    })];
  }

  #verdicts(text) {
    const example = EXAMPLES.find((each) => each.text === text), values = found(text);
    const sum = values.map((value, i) => `${WINDOWS[i].sign > 0 ? (i ? "+ " : "") : "− "}${value}`).join(" ");
    const lines = [
      this.say(`词袋：加起来 ${tenths(bagScore(text))} → `, `Bag: adds up to ${tenths(bagScore(text))} → `), this.#verdict(bagScore(text)),
      this.say(`窗口：${sum} = ${shown(windowScore(text))} → `, `Windows: ${sum} = ${shown(windowScore(text))} → `), this.#verdict(windowScore(text)),
    ];
    const rows = [el("div", {}, lines[0], strong(lines[1])), el("div", {}, lines[2], strong(lines[3]))];
    if (this.language === "en") rows.unshift(el("div", {}, gloss(text)));
    if (example) rows.push(el("div", {}, this.say("人读：", "A person: "), strong(this.#verdict(example.praise ? 1 : -1))));
    return rows;
  }

  #verdict(score) {
    if (score === 0) return this.say("说不准", "cannot tell");
    return score > 0 ? this.say("好评", "praise") : this.say("差评", "blame");
  }

  describe() {
    const { text } = this, bag = bagScore(text), windows = windowScore(text), example = EXAMPLES.find((each) => each.text === text);
    const heard = WINDOWS.filter((_, i) => found(text)[i]);
    const person = example ? this.say(`人读是${this.#verdict(example.praise ? 1 : -1)}。`, ` A person reads ${this.#verdict(example.praise ? 1 : -1)}.`) : "";
    return this.say(
      `“${text}”：词袋加起来 ${tenths(bag)}，${this.#verdict(bag)}；窗口${heard.length ? `找到${heard.map(({ key }) => `“${key}”`).join("、")}` : "什么也没找到"}，合计 ${shown(windows)}，${this.#verdict(windows)}。${person}`,
      `“${gloss(text)}”: the bag adds up to ${tenths(bag)}, ${this.#verdict(bag)}; the windows find ${heard.length ? heard.map(({ en }) => `“${en}”`).join(", ") : "nothing"}, together ${shown(windows)}, ${this.#verdict(windows)}.${person}`);
  }
}

/** The review in English, character by character. */
function gloss(text) {
  return [...text].map((character) => entryOf(character).en).join(" · ");
}

function weightCell(weight) {
  const share = Math.round(12 + 50 * Math.min(1, Math.abs(weight) / 12));
  return { text: tenths(weight), style: weight ? `background:color-mix(in srgb, var(--${weight > 0 ? "positive" : "negative"}) ${share}%, var(--paper-raised))` : "color:var(--ink-soft)" };
}

/** The largest answer is framed: it alone counts. */
function answerCells(values) {
  const largest = Math.max(...values);
  return values.map((value) => ({
    text: String(value),
    style: value && value === largest ? "background:var(--leaf-wash);outline:2px solid var(--leaf);outline-offset:-2px;font-weight:700" : "color:var(--ink-faint)",
  }));
}

function strong(content) {
  return el("strong", {}, content);
}

define("bag-and-window", BagAndWindow);
