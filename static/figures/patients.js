/**
 * A doctor of networks: six made-up patients whose illnesses the course has shown. The reader orders checks, cheap ones first, and
 * names the illness from as few of them as possible.
 */
import { Figure, define, el } from "../js/figure.js";

/** In the order in which to look. */
export const CHECKS = [
  { zh: "损失，训练之前", en: "Loss before training" },
  { zh: "损失，5 轮以后", en: "Loss after 5 epochs" },
  { zh: "训练准确率", en: "Training accuracy" },
  { zh: "没见过的准确率", en: "Accuracy on unseen ones" },
  { zh: "一组一组看", en: "Group by group" },
  { zh: "上线后抽查", en: "Sampled in use" },
];

export const ILLNESSES = {
  stuck: { zh: "消息传不到", en: "No message arrives", cure: ["换激活函数，别从全零开始，深了就加跳跃连接。", "Another activation, no zeros to begin with, shortcuts where it is deep."] },
  explodes: { zh: "步子太大", en: "Steps too large", cure: ["先看输入缩放了没有，再把学习率除以 10。", "See first whether the inputs are scaled, then divide the rate by 10."] },
  unfinished: { zh: "还没学够", en: "Not done learning", cure: ["多训练几轮，步子大一点；还不行，网络大一点。", "More epochs and a larger rate; then, if need be, a larger network."] },
  overfits: { zh: "背下来了", en: "Learned by heart", cure: ["更多样本，数据增强，正则化，早停；样本少就借。", "More examples, augmentation, regularisation, early stopping; with few examples, borrow."] },
  group: { zh: "平均数藏了人", en: "The mean hides people", cure: ["为少的那一组多收样本，损失里给它加权，一组一组报成绩。", "Collect more of the small group, weigh it in the loss, report each group."] },
  leak: { zh: "泄漏，或者数据变了", en: "A leak, or the data changed", cure: ["查同一样东西有没有分在两边；再抽新的来标，补进去。", "See whether one thing stands on both sides; label new examples and add them."] },
};

/** `needed` are the checks without which nobody can know; `results` in the order of CHECKS, by language where there are words. */
export const PATIENTS = [
  { illness: "stuck", needed: [1], results: ["2.303", "2.303", "0.10", "0.10", ["每组都在 0.10 上下", "about 0.10 in each"], ["没有上线", "not in use"]] },
  { illness: "explodes", needed: [1], results: ["2.412", "NaN", "0.10", "0.10", ["每组都在 0.10 上下", "about 0.10 in each"], ["没有上线", "not in use"]] },
  { illness: "unfinished", needed: [2], results: ["2.351", ["1.58，还在降", "1.58, and falling"], "0.55", "0.54", ["每组都在 0.54 上下", "about 0.54 in each"], "0.54"] },
  { illness: "overfits", needed: [2, 3], results: ["2.334", "0.004", "1.00", "0.71", ["每组都在 0.71 上下", "about 0.71 in each"], "0.70"] },
  { illness: "group", needed: [4], results: ["2.341", "0.15", "0.96", "0.94", ["甲组 0.97（900 个），乙组 0.67（100 个）", "A 0.97 (of 900), B 0.67 (of 100)"], "0.94"] },
  { illness: "leak", needed: [5], results: ["2.338", "0.03", "0.99", "0.99", ["每组都在 0.99 上下", "about 0.99 in each"], "0.61"] },
];

/** Six of "1" and "0": which checks were made. An address may contain anything; what is no "1" counts as not made. */
export const readChecks = (text) => CHECKS.map((_, i) => text[i] === "1");

/** What is to be said of a named illness: "right", "lucky" (right without having seen what shows it), or "wrong". */
export function verdict(patient, made, named) {
  if (named !== patient.illness) return "wrong";
  return patient.needed.every((check) => made[check]) ? "right" : "lucky";
}

const NONE = "0".repeat(CHECKS.length);
const clamp = (value) => Math.min(PATIENTS.length - 1, Math.max(0, Math.round(Number(value) || 0)));

class Patients extends Figure {
  static defaults = { at: 0, checks: NONE, named: "" };

  get at() { return clamp(this.state.at); }
  get patient() { return PATIENTS[this.at]; }
  get made() { return readChecks(String(this.state.checks)); }
  get named() { return Object.hasOwn(ILLNESSES, this.state.named) ? this.state.named : ""; }

  render() {
    const box = this.stage.appendChild(el("div", { "aria-hidden": "true" }));
    box.style.cssText = "max-width:34rem;margin-inline:auto;padding:var(--space-3);line-height:1.5;border:1px solid var(--line-strong);border-radius:var(--radius-s);background:var(--paper-raised)";
    this.sheet = el("div", {});
    this.sheet.style.cssText = "display:grid;grid-template-columns:minmax(8.5rem, auto) 1fr;gap:2px 16px;font-variant-numeric:tabular-nums";
    this.result = el("div", {});
    this.result.style.cssText = "margin-top:var(--space-3);min-height:4.8rem;font-size:var(--text-s)";
    box.append(this.sheet, this.result);
    this.tabs = PATIENTS.map((_, i) => this.button(String(i + 1), () => this.update({ at: i, checks: NONE, named: "" })));
    this.checks = CHECKS.map(({ zh, en }, i) => this.button(this.say(zh, en), () => this.#check(i)));
    this.names = Object.entries(ILLNESSES).map(([key, { zh, en }]) => this.button(this.say(zh, en), () => this.update({ named: key })));
    this.controls.append(
      this.#row(this.say("病人", "Patient"), this.tabs, "repeat(6, 1fr)"),
      this.#row(this.say("检查", "Checks"), this.checks, "repeat(auto-fill, minmax(10rem, 1fr))"),
      this.#row(this.say("病名", "Illness"), this.names, "repeat(auto-fill, minmax(10rem, 1fr))"));
  }

  /** Buttons below a word, in columns; the word is read out with the group. */
  #row(title, buttons, columns) {
    const words = el("div", { "aria-hidden": "true" }, title);
    words.style.cssText = "font-size:var(--text-s);color:var(--ink-soft)";
    for (const button of buttons) button.style.minHeight = "2.5rem";
    const row = el("div", { role: "group", "aria-label": title }, ...buttons);
    row.style.cssText = `display:grid;gap:var(--space-2);grid-template-columns:${columns}`;
    const found = el("div", {}, words, row);
    found.style.flexBasis = "100%";
    return found;
  }

  #check(i) {
    this.update({ checks: this.made.map((isMade, j) => (isMade || i === j ? "1" : "0")).join("") });
  }

  #shown(i) {
    const found = this.patient.results[i];
    return typeof found === "string" ? found : this.say(...found);
  }

  draw() {
    const { made, named } = this;
    this.sheet.replaceChildren(...CHECKS.flatMap(({ zh, en }, i) => {
      const name = el("span", {}, this.say(zh, en)), found = el("span", {}, made[i] ? this.#shown(i) : "–");
      name.style.color = "var(--ink-soft)";
      found.style.cssText = made[i] ? "font-weight:700;color:var(--ink)" : "color:var(--ink-soft)";
      return [name, found];
    }));
    this.tabs.forEach((tab, i) => tab.setAttribute("aria-pressed", String(i === this.at)));
    this.checks.forEach((button, i) => button.setAttribute("aria-pressed", String(made[i])));
    Object.keys(ILLNESSES).forEach((key, i) => this.names[i].setAttribute("aria-pressed", String(key === named)));
    this.result.replaceChildren(...(named ? this.#verdict().map((line) => el("div", {}, line)) : []));
  }

  /** Lines of words on the named illness. */
  #verdict() {
    const { patient, made, named } = this, count = made.filter(Boolean).length;
    const needed = patient.needed.map((check) => this.say(`“${CHECKS[check].zh}”`, `“${CHECKS[check].en}”`)).join(this.say("和", " and "));
    const cure = this.say(...ILLNESSES[patient.illness].cure);
    switch (verdict(patient, made, named)) {
      case "right":
        return [this.say(`对了，查了 ${count} 项；最少要 ${patient.needed.length} 项：${needed}。`, `Right, with ${count} of the checks; the fewest is ${patient.needed.length}: ${needed}.`), this.say(`药方：${cure}`, `The cure: ${cure}`)];
      case "lucky":
        return [this.say(`猜中了，可是还没有看到证据。查一查${needed}。`, `A lucky guess: you have not seen what shows it. Look at ${needed}.`)];
      default:
        return [this.say("不是这个病。再查一项，想想哪一样最不对劲。", "It is not that. Make another check, and ask which result is the oddest.")];
    }
  }

  describe() {
    const { at, made, named } = this;
    const seen = CHECKS.flatMap((check, i) => (made[i] ? [this.say(`${check.zh} ${this.#shown(i)}`, `${check.en.toLowerCase()} ${this.#shown(i)}`)] : []));
    const first = this.say(`第 ${at + 1} 个病人。${seen.length ? `查到：${seen.join("；")}。` : "还没有检查。"}`, `Patient ${at + 1}. ${seen.length ? `Seen: ${seen.join("; ")}.` : "No check made yet."}`);
    if (!named) return first;
    const name = this.say(ILLNESSES[named].zh, ILLNESSES[named].en);
    return [first, this.say(`你说是“${name}”。`, `You say: ${name.toLowerCase()}.`), ...this.#verdict()].join(this.say("", " "));
  }
}

define("patients", Patients);
