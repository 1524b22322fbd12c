/**
 * Are two people's labels worth training on? The reader labels twelve made-up page titles, compares with a second person who
 * works without a guide or with one, and sees agreement, agreement by chance, and Cohen's kappa.
 */
import { Figure, define, el } from "../js/figure.js";

/** `alone` and `guided` are the second person's labels without and with the guide: true for "selling". */
export const TITLES = [
  { zh: "薄荷插水里七天就生根，换水要勤", en: "Mint roots in water within a week; change the water often", alone: false, guided: false },
  { zh: "限时三天：薄荷苗买二送一，点此下单", en: "Three days only: mint seedlings, three for two, order here", alone: true, guided: true },
  { zh: "十款花盆横向测评（某花盆品牌赞助）", en: "Ten flower pots compared (sponsored by a maker of pots)", alone: false, guided: true },
  { zh: "我家阳台的一年：照片二十张", en: "A year on our balcony, in twenty photographs", alone: false, guided: false },
  { zh: "种薄荷的三个误区，文末有肥料链接", en: "Three mistakes with mint; a link to a fertiliser at the end", alone: true, guided: false },
  { zh: "店庆！满一百减三十，会员再打九折", en: "Anniversary sale! 30 off every 100, members 10% more", alone: true, guided: true },
  { zh: "薄荷为什么发黄？先看根，再看水", en: "Why does mint turn yellow? First the roots, then the water", alone: false, guided: false },
  { zh: "跟我学种菜：十节课只要 99 元，名额有限", en: "Grow vegetables with me: ten lessons for 99, few places left", alone: true, guided: true },
  { zh: "免费试听：阳台种菜第一课", en: "Free trial: lesson one of vegetables on a balcony", alone: false, guided: true },
  { zh: "番茄搭架子的两种办法，附图", en: "Two ways to stake tomatoes, with pictures", alone: false, guided: false },
  { zh: "我用过的三把剪刀，都是自己花钱买的", en: "Three pairs of scissors that I bought and use", alone: true, guided: false },
  { zh: "冬天浇水要少，早上浇最好", en: "Water little in winter, and best in the morning", alone: false, guided: false },
];

/** How often both said selling, only the first did, only the second did, neither did: over the titles that the first has labelled. */
export function counts(labels, others) {
  const found = { both: 0, mine: 0, theirs: 0, neither: 0 };
  [...labels].forEach((label, i) => {
    if (label === "-") return;
    found[label === "y" ? (others[i] ? "both" : "mine") : others[i] ? "theirs" : "neither"]++;
  });
  return found;
}

/** The share of equal labels, the share to be expected by chance, and kappa; kappa is NaN where chance alone makes all equal. */
export function agreement({ both, mine, theirs, neither }) {
  const all = both + mine + theirs + neither, yes = (both + mine) / all, other = (both + theirs) / all;
  const equal = (both + neither) / all, chance = yes * other + (1 - yes) * (1 - other);
  return { equal, chance, kappa: (equal - chance) / (1 - chance) };
}

/** Twelve of "y", "n" and "-"; what an address may contain besides counts as not labelled. */
export const readLabels = (text) => TITLES.map((_, i) => ("yn".includes(text[i] ?? "-") ? text[i] : "-")).join("");

const NOTHING = "-".repeat(TITLES.length);
const shown = (value) => (Number.isFinite(value) ? value.toFixed(2).replace("-", "−") : "–");

class LabelCheck extends Figure {
  static defaults = { at: 0, labels: NOTHING, guide: "none" };

  get at() { return Math.min(TITLES.length - 1, Math.max(0, Math.round(this.state.at))); }
  get labels() { return readLabels(this.state.labels); }
  get isGuided() { return this.state.guide === "guide"; }
  get others() { return TITLES.map((title) => (this.isGuided ? title.guided : title.alone)); }
  get left() { return [...this.labels].filter((label) => label === "-").length; }

  render() {
    const box = this.stage.appendChild(el("div", {}));
    box.style.cssText = "max-width:34rem;margin-inline:auto;line-height:1.5";
    this.dots = TITLES.map((_, i) => {
      const dot = el("button", { type: "button", onclick: () => this.update({ at: i }) });
      dot.style.cssText = "min-width:24px;flex:1;min-height:2rem;padding:0;border-radius:var(--radius-s);font-size:0.8125rem";
      return dot;
    });
    const row = el("div", {}, ...this.dots);
    row.style.cssText = "display:flex;gap:2px";
    this.card = el("div", { "aria-hidden": "true" });
    this.card.style.cssText = "min-height:4.6rem;margin-block:var(--space-2);padding:var(--space-3);border:1px solid var(--line-strong);border-radius:var(--radius-s);background:var(--paper-raised);color:var(--ink)";
    this.yes = this.button(this.say("推广", "Selling"), () => this.#label("y"));
    this.no = this.button(this.say("不是推广", "Not selling"), () => this.#label("n"));
    const buttons = el("div", {}, this.yes, this.no);
    buttons.style.cssText = "display:flex;gap:var(--space-3)";
    this.result = el("div", { "aria-hidden": "true" });
    this.result.style.cssText = "margin-top:var(--space-3);min-height:6.2rem;font-size:var(--text-s)";
    box.append(row, this.card, buttons, this.result);
    this.controls.append(this.choice("guide", {
      label: this.say("小周标的时候", "Zhou labels"),
      choices: [["none", this.say("没有指南", "without a guide")], ["guide", this.say("照着指南", "by the guide")]],
    }));
    this.guide = this.controls.appendChild(el("div", {}, this.say(
      "指南：①全文主要想让你掏钱，算。②收了商家的钱，或者用免费引你去买，算。③只在末尾附一个链接，或者自己花钱买来比较，不算。",
      "Guide: (1) mainly meant to make you pay: selling. (2) Paid for by a seller, or free to lure you into buying: selling. (3) A link at the end, or a comparison of things bought with one's own money: not.")));
    this.guide.style.flexBasis = "100%";
  }

  /** Label the title on show and go on to the next one without a label, if there is one. */
  #label(label) {
    const { at } = this, labels = [...this.labels];
    labels[at] = label;
    const next = [...labels.slice(at + 1), ...labels.slice(0, at + 1)].indexOf("-");
    this.update({ labels: labels.join(""), at: next < 0 ? at : (at + 1 + next) % TITLES.length });
  }

  draw() {
    const { at, labels, others, left } = this;
    this.dots.forEach((dot, i) => {
      const label = labels[i], differs = !left && (label === "y") !== others[i];
      dot.textContent = String(i + 1);
      dot.setAttribute("aria-label", this.say(`第 ${i + 1} 条：${this.#name(label)}${differs ? "，小周标得不一样" : ""}`, `Title ${i + 1}: ${this.#name(label)}${differs ? ", Zhou disagrees" : ""}`));
      dot.setAttribute("aria-current", String(i === at));
      dot.style.border = i === at ? "3px solid var(--focus)" : `1px ${label === "-" ? "dashed" : "solid"} var(--line-strong)`;
      dot.style.background = differs ? "var(--fault-wash)" : label === "-" ? "transparent" : "var(--leaf-wash)";
      dot.style.color = differs ? "var(--fault)" : "var(--ink)";
      dot.style.fontWeight = differs ? "700" : "400";
    });
    const theirs = others[at] ? "y" : "n";
    this.card.replaceChildren(
      el("div", {}, this.say(TITLES[at].zh, TITLES[at].en)),
      soft(labels[at] === "-" ? this.say("你还没标", "not labelled yet")
        : this.say(`你：${this.#name(labels[at])}${left ? "" : `　小周：${this.#name(theirs)}`}`, `you: ${this.#name(labels[at])}${left ? "" : `; Zhou: ${this.#name(theirs)}`}`)));
    this.yes.setAttribute("aria-pressed", String(labels[at] === "y"));
    this.no.setAttribute("aria-pressed", String(labels[at] === "n"));
    this.guide.hidden = !this.isGuided;
    this.result.replaceChildren(...(left ? [soft(this.say(`还有 ${left} 条没标。标完才看小周的。`, `${left} still to label. Zhou's labels come afterwards.`))] : this.#result()));
  }

  #name(label) {
    return { y: this.say("推广", "selling"), n: this.say("不是", "not"), "-": this.say("还没标", "not labelled") }[label];
  }

  #result() {
    const found = counts(this.labels, this.others), { equal, chance, kappa } = agreement(found);
    const cell = (value, isEqual) => {
      const box = el("span", {}, String(value));
      box.style.cssText = `padding:2px 8px;text-align:center;border-radius:var(--radius-s);font-weight:700;background:var(--${isEqual ? "leaf-wash" : "fault-wash"});color:var(--${isEqual ? "ink" : "fault"})`;
      return box;
    };
    const table = el("div", {},
      el("span", {}), soft(this.say("小周：推广", "Zhou: selling")), soft(this.say("小周：不是", "Zhou: not")),
      soft(this.say("你：推广", "you: selling")), cell(found.both, true), cell(found.mine, false),
      soft(this.say("你：不是", "you: not")), cell(found.theirs, false), cell(found.neither, true));
    table.style.cssText = "display:grid;grid-template-columns:auto 1fr 1fr;gap:3px 6px;align-items:center";
    const sum = this.say(
      `一样 ${shown(equal)}，碰巧 ${shown(chance)}，κ = ${shown(kappa)}`, `equal ${shown(equal)}, by chance ${shown(chance)}, κ = ${shown(kappa)}`);
    const line = el("div", {}, el("strong", {}, sum));
    line.style.marginTop = "var(--space-2)";
    return [table, line];
  }

  describe() {
    const { at, labels, left } = this;
    const title = this.say(`第 ${at + 1} 条“${TITLES[at].zh}”：${this.#name(labels[at])}。`, `Title ${at + 1}, “${TITLES[at].en}”: ${this.#name(labels[at])}. `);
    const zhou = this.say(this.isGuided ? "小周照着指南标。" : "小周没有指南。", this.isGuided ? "Zhou labels by the guide. " : "Zhou has no guide. ");
    if (left) return this.say(`${title}${zhou}还有 ${left} 条没标。`, `${title}${zhou}${left} still to label.`);
    const found = counts(labels, this.others), { equal, chance, kappa } = agreement(found);
    const differing = TITLES.map((_, i) => i + 1).filter((number) => (labels[number - 1] === "y") !== this.others[number - 1]);
    return this.say(
      `${title}${zhou}12 条里 ${found.both + found.neither} 条一样（${shown(equal)}），碰巧也会有 ${shown(chance)}，κ 是 ${shown(kappa)}。${differing.length ? `不一样的是第 ${differing.join("、")} 条。` : "没有不一样的。"}`,
      `${title}${zhou}${found.both + found.neither} of 12 labels are equal (${shown(equal)}), ${shown(chance)} would be by chance, κ is ${shown(kappa)}. ${differing.length ? `They differ on ${differing.join(", ")}.` : "None differ."}`);
  }
}

function soft(content) {
  const line = el("span", {}, content);
  line.style.cssText = "display:block;color:var(--ink-soft);font-size:var(--text-s)";
  return line;
}

define("label-check", LabelCheck);
