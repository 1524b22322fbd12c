/**
 * Whom a small GPT looks at before it writes each character of a couplet, and what it expects there: the weights of one real
 * training, for couplets that it had never read.
 *
 * The data (attention-map/data.js) are written by `python -m bench.attention_map`.
 */
import { Figure, define, el } from "../js/figure.js";
import { COUPLETS, HEADS } from "./attention-map/data.js";

export { COUPLETS, HEADS };

/** Characters of a couplet, with its comma and its full stop. */
export const LENGTH = 12;

/** The weights, 0 to 1, of what is seen before character `place` (0 to 11) is written: "begin" first. `head` counts from 1; 0: the mean. */
export function weights({ attention }, place, head) {
  const rows = attention.map((each) => each[place].map((share) => share / 1000));
  return head ? rows[head - 1] : rows[0].map((_, i) => rows.reduce((sum, row) => sum + row[i], 0) / rows.length);
}

/** The five characters that the model expects at `place`, with their probabilities, and the rank of the true one there (1: the first). */
export function expected({ text, next, ranks }, place) {
  return { likely: next[place].map(([character, share]) => [character, share / 1000]), truth: text[place], rank: ranks[place] };
}

/** The index, as in `weights`, of the character that stands at the same place of the upper line; -1 for a character of that line. */
export const counterpart = (place) => (place < LENGTH / 2 ? -1 : place - LENGTH / 2 + 1);

/** The index of the largest of some numbers. */
export const largest = (numbers) => numbers.indexOf(Math.max(...numbers));

const percent = (share) => `${Math.round(share * 100)}%`;

class AttentionMap extends Figure {
  static defaults = { couplet: "0", place: 10, head: "0" };

  /** An address may contain anything. */
  get seen() {
    const { couplet, place, head } = this.state;
    return {
      couplet: COUPLETS[/^\d$/.test(couplet) ? Number(couplet) : 0] ?? COUPLETS[0],
      place: Math.min(LENGTH, Math.max(1, Math.round(place))) - 1,
      head: /^\d$/.test(head) && Number(head) <= HEADS ? Number(head) : 0,
    };
  }

  render() {
    this.grid = this.stage.appendChild(el("div", { lang: "zh", translate: "no" }));
    this.grid.style.cssText = "display:grid;grid-template-columns:repeat(7,minmax(0,1fr));gap:4px;max-width:30rem;margin-inline:auto";
    this.tiles = Array.from({ length: LENGTH + 1 }, (_, index) => this.#tile(index));
    this.grid.append(...this.tiles.map(({ box }) => box));
    this.bars = this.stage.appendChild(el("div", { "aria-hidden": "true" }));
    this.bars.style.cssText = "display:grid;gap:3px;max-width:30rem;margin:var(--space-3) auto 0;line-height:1.3;font-size:var(--text-s)";
    this.controls.style.gap = "var(--space-1) var(--space-5)";
    this.controls.append(
      this.slider("place", { label: this.say("写到第几个字", "Character to write"), min: 1, max: LENGTH, step: 1 }),
      this.choice("head", {
        label: this.say("哪个头", "Head"),
        choices: [["0", this.say("平均", "mean")], ...Array.from({ length: HEADS }, (_, i) => [String(i + 1), String(i + 1)])],
      }),
      this.choice("couplet", { label: this.say("哪一联", "Couplet"), choices: COUPLETS.map(({ text }, i) => [String(i), this.say(`${text.slice(0, 2)}…`, String(i + 1))]) }));
  }

  /** "Begin" stands alone to the left of the upper line; a character is chosen by pressing it. */
  #tile(index) {
    const name = el("span", {}), share = el("span", {});
    name.style.cssText = "font-size:1.3rem;line-height:1.2";
    share.style.cssText = "font-size:0.75rem;line-height:1.1;min-height:1.1em;font-variant-numeric:tabular-nums";
    const box = index
      ? el("button", { type: "button", onclick: () => this.update({ place: index }) }, name, share)
      : el("div", {}, name, share);
    const row = index <= LENGTH / 2 ? 1 : 2, column = index <= LENGTH / 2 ? index + 1 : index - LENGTH / 2 + 1;
    box.style.cssText = `grid-row:${row};grid-column:${column};display:flex;flex-direction:column;align-items:center;justify-content:center;min-height:3.3rem;padding:0;border-radius:var(--radius-s);color:var(--ink);font-family:inherit;cursor:${index ? "pointer" : "default"}`;
    return { box, name, share };
  }

  draw() {
    const { couplet, place, head } = this.seen, shares = weights(couplet, place, head);
    this.tiles.forEach(({ box, name, share }, index) => {
      const isSeen = index <= place, isNext = index === place + 1;
      const character = index ? couplet.text[index - 1] : this.say("起", "▸");
      name.textContent = character;
      share.textContent = isSeen ? percent(shares[index]) : isNext ? "?" : "";
      box.style.border = isNext ? "2px solid var(--series-2)" : "1px solid var(--line-strong)";
      box.style.background = isSeen ? `color-mix(in srgb, var(--leaf) ${Math.round(shares[index] * 75)}%, var(--paper-raised))` : "var(--paper-sunken)";
      box.style.opacity = isSeen || isNext ? 1 : 0.45;
      if (index) {
        box.setAttribute("aria-pressed", String(isNext));
        box.title = this.say(`写第 ${index} 个字“${character}”`, `Write character ${index}, ${character}`);
      }
    });
    this.bars.replaceChildren(...this.#expectations(couplet, place));
  }

  #expectations(couplet, place) {
    const { likely, truth, rank } = expected(couplet, place), most = likely[0][1];
    const head = el("div", {}, this.say("它猜的下一个字（原诗是", "Its guesses (the poet wrote "), quoted(truth), this.say(`，在 2,002 个字里排第 ${rank}）`, `, number ${rank} of its 2,002)`));
    return [head, ...likely.map(([character, share]) => {
      const name = el("span", { lang: "zh" }, character), bar = el("span", {}), number = el("span", {}, percent(share));
      bar.style.cssText = `display:block;height:0.85rem;width:${(100 * share) / most}%;background:var(--${character === truth ? "series-2" : "ink-faint"})`;
      number.style.textAlign = "end";
      const row = el("div", {}, name, el("span", {}, bar), number);
      row.style.cssText = "display:grid;grid-template-columns:1.6rem 1fr 3rem;align-items:center;gap:0.5rem";
      return row;
    })];
  }

  describe() {
    const { couplet, place, head } = this.seen, shares = weights(couplet, place, head), { likely, truth, rank } = expected(couplet, place);
    const most = largest(shares), name = most ? couplet.text[most - 1] : this.say("起", "the beginning"), opposite = counterpart(place);
    const who = head ? this.say(`第 ${head} 个头`, `head ${head}`) : this.say("四个头平均", "the mean of the heads");
    const facing = opposite < 0 || opposite === most ? "" : this.say(
      `正上方的“${couplet.text[opposite - 1]}”得 ${percent(shares[opposite])}。`, ` ${couplet.text[opposite - 1]}, right above, gets ${percent(shares[opposite])}.`);
    return this.say(
      `写第 ${place + 1} 个字“${truth}”之前，${who}看“${name}”最多，${percent(shares[most])}。${facing}它最先想到的是“${likely[0][0]}”，${percent(likely[0][1])}；“${truth}”排第 ${rank}。`,
      `Before character ${place + 1}, ${truth}, ${who} looks most at ${name}, ${percent(shares[most])}.${facing} Its first guess is ${likely[0][0]}, ${percent(likely[0][1])}; ${truth} is number ${rank}.`);
  }
}

function quoted(character) {
  const name = el("b", { lang: "zh" }, character);
  return name;
}

define("attention-map", AttentionMap);
