/**
 * "Draw your own figure 1": the test accuracy of each of the reader's trainings over its learning rate, and behind them what three
 * seeds of ours reached. Without trainings ours stand alone, and the figure says so.
 */
import { Figure, define, el, svg } from "../js/figure.js";

/** [learning rate, lowest and highest test accuracy of three seeds], five epochs each. */
export const OURS = [[0.001, 0.6, 0.68], [0.01, 0.893, 0.898], [0.1, 0.926, 0.936], [0.3, 0.907, 0.947], [1, 0.378, 0.393], [3, 0.103, 0.103]];

const [NARROWEST, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [280, 340, 60, 24, 18, 48];
const percent = (share) => `${(100 * share).toFixed(1)}%`;

/** Dots [{ rate, accuracy, isAlike }] from the page's runs, newest first; `isAlike` if only the learning rate differs from the lab's start. */
export function dots(runs) {
  return runs
    .filter(({ settings, accuracy }) => settings.learning_rate > 0 && Number.isFinite(accuracy))
    .map(({ settings, accuracy, changed }) => ({ rate: settings.learning_rate, accuracy, isAlike: changed.every((name) => name === "learning_rate") }));
}

/** From the lowest to the highest rate, ours included, as powers of ten with a little room. */
export function span(found) {
  const rates = [...OURS.map(([rate]) => rate), ...found.map(({ rate }) => rate)];
  return [Math.log10(Math.min(...rates)) - 0.15, Math.log10(Math.max(...rates)) + 0.15];
}

/** The dots whose rate is this one, within a twentieth. */
export function at(found, rate) {
  return found.filter((dot) => Math.abs(Math.log10(dot.rate / rate)) < Math.log10(1.05));
}

class OwnRates extends Figure {
  static defaults = { rate: 2, from: "zero" };

  render() {
    this.found = dots(JSON.parse(this.dataset.runs ?? "[]"));
    this.stops = [...new Set([...OURS.map(([rate]) => rate), ...this.found.map(({ rate }) => rate)])].sort((one, other) => one - other);
    this.picture = this.stage.appendChild(svg("svg", { role: "img" }));
    this.picture.style.cssText = "display:block;width:100%";
    this.controls.append(
      this.slider("rate", { label: this.say("学习率", "Learning rate"), min: 0, max: this.stops.length - 1, step: 1, format: (index) => String(this.#rate(index)) }),
      this.choice("from", { label: this.say("纵轴", "Vertical axis"), choices: [["zero", this.say("从 0 开始", "from 0")], ["high", this.say("只看 80% 以上", "above 80%")]] }),
    );
    this.note = this.stage.appendChild(el("p", { class: "muted small" }));
    this.note.textContent = this.found.length
      ? this.say("圆点：你的训练（空心的还改了别的设置）。竖条：我们的三个种子。", "Dots: your trainings (hollow where other settings differ too). Bars: three seeds of ours.")
      : this.say("这里还没有你的训练，先画着我们的。在上面的实验里训练一次，这里就多一个你的点。", "None of your trainings yet: these are ours. Each one in the lab above becomes a dot here.");
  }

  #rate(index) { return this.stops[Math.min(this.stops.length - 1, Math.max(0, Math.round(index)))]; }

  draw() {
    const [from, to] = span(this.found), low = this.state.from === "high" ? 0.8 : 0;
    // As wide as its place, so that letters keep their size on a phone.
    const width = Math.max(NARROWEST, this.stage.clientWidth);
    this.picture.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
    const x = (rate) => LEFT + ((Math.log10(rate) - from) / (to - from)) * (width - LEFT - RIGHT);
    const y = (share) => HEIGHT - BOTTOM - ((Math.max(share, low) - low) / (1 - low)) * (HEIGHT - TOP - BOTTOM);
    const [ink, soft, line, leaf, ours, paper] = ["ink", "ink-soft", "line", "leaf", "series-4", "paper-raised"].map((token) => this.colour(token));
    const text = (at_, content, more = {}) => svg("text", { x: at_[0], y: at_[1], fill: soft, "font-size": 14, ...more }, content);
    const rate = this.#rate(this.state.rate);
    const parts = [svg("rect", { x: x(rate) - 14, y: TOP, width: 28, height: HEIGHT - TOP - BOTTOM, fill: line, opacity: 0.6 })];
    for (let step = 0; step <= 4; step += 1) {
      const share = low + (step / 4) * (1 - low);
      parts.push(svg("path", { d: `M${LEFT} ${y(share)}H${width - RIGHT}`, stroke: line }), text([LEFT - 8, y(share) + 5], `${Math.round(100 * share)}%`, { "text-anchor": "end" }));
    }
    for (let power = Math.ceil(from); power <= to; power += 1) {
      parts.push(svg("path", { d: `M${x(10 ** power)} ${HEIGHT - BOTTOM}v6`, stroke: soft }), text([x(10 ** power), HEIGHT - BOTTOM + 22], String(Number((10 ** power).toPrecision(3))), { "text-anchor": "middle" }));
    }
    parts.push(text([(LEFT + width - RIGHT) / 2, HEIGHT - 6], this.say("学习率（对数刻度）", "Learning rate (logarithmic)"), { "text-anchor": "middle" }));
    for (const [each, lowest, highest] of OURS) {
      if (highest < low) continue;
      parts.push(svg("rect", { x: x(each) - 6, y: y(highest) - 2, width: 12, height: y(lowest) - y(highest) + 4, rx: 3, fill: ours, opacity: 0.7 }));
    }
    for (const dot of this.found) {
      if (dot.accuracy < low) continue;
      parts.push(svg("circle", { cx: x(dot.rate), cy: y(dot.accuracy), r: 6.5, fill: dot.isAlike ? leaf : paper, stroke: dot.isAlike ? paper : leaf, "stroke-width": 2.5 }));
    }
    parts.push(svg("path", { d: `M${LEFT} ${HEIGHT - BOTTOM}H${width - RIGHT}`, stroke: ink }));
    this.picture.replaceChildren(...parts);
    this.picture.setAttribute("aria-label", this.say("学习率和测试准确率", "Test accuracy over the learning rate"));
  }

  describe() {
    const rate = this.#rate(this.state.rate), near = OURS.find(([each]) => each === rate), own = at(this.found, rate);
    const range = ([, low, high]) => (low === high ? percent(low) : this.say(`${percent(low)} 到 ${percent(high)}`, `${percent(low)} to ${percent(high)}`));
    const ours = near ? this.say(`学习率 ${rate}：我们三个种子的测试准确率是 ${range(near)}`, `At a learning rate of ${rate} three seeds of ours reached ${range(near)} on the test set`)
      : this.say(`学习率 ${rate}：我们没有试过`, `A learning rate of ${rate} we have not tried`);
    const yours = own.length ? this.say(`，你的是 ${own.map(({ accuracy }) => percent(accuracy)).join("、")}`, `; yours reached ${own.map(({ accuracy }) => percent(accuracy)).join(", ")}`)
      : this.say("，你还没有试过", "; you have not tried it yet");
    const scale = this.state.from === "high" ? this.say("。纵轴只画 80% 以上", ". Only what lies above 80% is drawn") : "";
    return `${ours}${yours}${scale}${this.say("。", ".")}`;
  }
}

define("own-rates", OwnRates);
