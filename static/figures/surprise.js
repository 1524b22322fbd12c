/**
 * A meter of surprise, -ln p. The reader plays a weather forecaster for six days: sets the probability of rain,
 * sees what each outcome would cost, then reveals the day. The mean of the surprises is the cross-entropy.
 */
import { Figure, define, el, svg } from "../js/figure.js";

/** Six made-up days: what one sees in the morning, and whether it rained. */
export const DAYS = [
  { rain: true, zh: "乌云压顶，闷得出汗", en: "black clouds, close and sticky" },
  { rain: false, zh: "万里无云", en: "not a cloud in sight" },
  { rain: false, zh: "云很多，有风", en: "plenty of cloud, and a wind" },
  { rain: true, zh: "晴，可夏天傍晚常有雷阵雨", en: "sunny, but summer evenings like a thunderstorm" },
  { rain: true, zh: "西边的云正压过来", en: "clouds rolling in from the west" },
  { rain: false, zh: "昨夜的雨刚停，云散了", en: "last night's rain is over, the sky is clearing" },
];

/** The meter's full height, in nats; larger values (infinity too) fill it. */
export const FULL = 5;

/** Surprise of an event that had been given the probability `p`, in nats: -ln p, infinite at 0. */
export const surprise = (p) => (p <= 0 ? Infinity : Math.max(0, -Math.log(p)));

/** Surprise of one day: `p` is the forecast probability of rain. */
export const daySurprise = (p, rain) => surprise(rain ? p : 1 - p);

/** Mean surprise over the first `forecasts.length` days; 0 if there are none yet. */
export function crossEntropy(forecasts, days = DAYS) {
  if (!forecasts.length) return 0;
  return forecasts.reduce((sum, p, i) => sum + daySurprise(p, days[i].rain), 0) / forecasts.length;
}

/** "70_5" -> [0.7, 0.05]: forecasts in percent, as in the page's address; invalid ones are dropped. */
export function parseForecasts(text) {
  const numbers = text
    .split("_")
    .filter((part) => /^\d{1,3}$/.test(part))
    .map(Number);
  return numbers
    .filter((percent) => percent <= 100)
    .slice(0, DAYS.length)
    .map((percent) => percent / 100);
}

export const showNumber = (value) => (Number.isFinite(value) ? value.toFixed(2) : "∞");

export class Surprise extends Figure {
  static defaults = { percent: 50, forecasts: "" };

  get forecasts() {
    return parseForecasts(this.state.forecasts);
  }

  render() {
    this.picture = this.stage.appendChild(svg("svg", { role: "img", "aria-label": this.say("惊讶值的曲线与刻度尺", "The curve and the meter of surprise") }));
    this.picture.style.display = "block";
    this.morning = this.controls.appendChild(el("p", { class: "figure-question" }));
    this.controls.append(
      this.slider("percent", {
        label: this.say("我认为今天下雨的概率", "My probability of rain today"),
        min: 0,
        max: 100,
        step: 1,
        format: (value) => `${value}%`,
      }),
    );
    this.revealButton = this.controls.appendChild(this.button(this.say("定下来，看天气", "Commit, and see the weather"), () => this.#reveal()));
    this.score = this.controls.appendChild(el("p", { class: "figure-readout" }));
  }

  draw() {
    const width = Math.max(260, this.stage.clientWidth),
      narrow = width < 560;
    const top = 262,
      height = top + 190;
    this.picture.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const split = narrow ? width - 104 : width * 0.68;
    this.picture.replaceChildren(
      ...this.#curves(40, split, 24, top - 54),
      ...this.#meters(split + (narrow ? 22 : 60), width - 8, 24, top - 54),
      ...this.#record(40, width - 8, top + 24, height - 26),
    );
    this.#words();
  }

  describe() {
    const p = this.state.percent / 100,
      done = this.forecasts;
    const costs = this.say(
      `你给下雨 ${this.state.percent}%：真下雨，惊讶 ${showNumber(surprise(p))}；不下雨，惊讶 ${showNumber(surprise(1 - p))}。`,
      `You give rain ${this.state.percent}%: surprise ${showNumber(surprise(p))} if it rains, ${showNumber(surprise(1 - p))} if it stays dry.`,
    );
    if (!done.length) return costs;
    const last = done.length - 1,
      fell = DAYS[last].rain ? this.say("下了雨", "it rained") : this.say("没有下雨", "it stayed dry");
    return (
      costs +
      this.say(
        `第 ${done.length} 天${fell}，惊讶 ${showNumber(daySurprise(done[last], DAYS[last].rain))}；至今平均 ${showNumber(crossEntropy(done))}。`,
        ` On day ${done.length} ${fell}: surprise ${showNumber(daySurprise(done[last], DAYS[last].rain))}; mean so far ${showNumber(crossEntropy(done))}.`,
      )
    );
  }

  #words() {
    const done = this.forecasts,
      day = DAYS[done.length];
    this.morning.textContent = day
      ? this.say(
          `第 ${done.length + 1} 天早上：${day.zh}。你给下雨多大的概率？`,
          `Morning of day ${done.length + 1}: ${day.en}. What probability do you give to rain?`,
        )
      : this.say("六天都过完了。", "All six days are over.");
    this.revealButton.disabled = !day;
    if (!done.length) this.score.textContent = this.say("先定一个概率，再看天气。", "Set a probability first, then see the weather.");
    else this.score.textContent = this.#score(done);
  }

  #score(done) {
    const mean = crossEntropy(done),
      coin = surprise(0.5),
      text = showNumber(mean);
    const verdict =
      mean < coin - 0.005
        ? this.say("比每天都说 50% 强", "better than saying 50% every day")
        : mean > coin + 0.005
          ? this.say("还不如每天都说 50%", "worse than saying 50% every day")
          : this.say("和每天都说 50% 一样", "the same as saying 50% every day");
    return this.say(
      `你的交叉熵（${done.length} 天的平均惊讶）：${text}，${verdict}（${coin.toFixed(2)}）。`,
      `Your cross-entropy (mean surprise over ${done.length} days): ${text}, ${verdict} (${coin.toFixed(2)}).`,
    );
  }

  #reveal() {
    const done = this.forecasts;
    if (done.length >= DAYS.length) return;
    const forecasts = [...done.map((p) => Math.round(p * 100)), this.state.percent].join("_");
    this.update({ forecasts });
  }

  #text(x, y, text, attributes = {}) {
    return svg("text", { x, y, "font-size": 13, fill: "var(--ink-soft)", ...attributes }, text);
  }

  /** The curve of surprise when it rains (falls with p) and when it stays dry (rises with p), with today's two points. */
  #curves(left, right, top, bottom) {
    const sx = (p) => left + p * (right - left),
      sy = (value) => bottom - (Math.min(value, FULL) / FULL) * (bottom - top);
    const p = this.state.percent / 100,
      parts = [];
    for (let value = 0; value <= FULL; value += 1)
      parts.push(
        svg("line", { x1: left, x2: right, y1: sy(value), y2: sy(value), stroke: "var(--line)" }),
        this.#text(left - 8, sy(value) + 4, String(value), { "text-anchor": "end" }),
      );
    for (const [percent, anchor] of [
      [0, "start"],
      [50, "middle"],
      [100, "end"],
    ])
      parts.push(this.#text(sx(percent / 100), bottom + 18, `${percent}%`, { "text-anchor": anchor }));
    parts.push(
      this.#text((left + right) / 2, bottom + 36, this.say("给下雨的概率", "probability given to rain"), { "text-anchor": "middle" }),
      this.#text(left, top - 8, this.say("惊讶值 −ln p", "surprise −ln p")),
    );
    parts.push(svg("line", { x1: sx(p), x2: sx(p), y1: top, y2: bottom, stroke: "var(--leaf)", "stroke-width": 1.5 }));
    for (const rain of [true, false]) {
      const points = [];
      for (let i = 0; i <= 200; i += 1) {
        const least = Math.exp(-FULL),
          given = least + (1 - least) * (i / 200) ** 2;
        points.push(`${sx(rain ? given : 1 - given).toFixed(1)},${sy(surprise(given)).toFixed(1)}`);
      }
      const colour = rain ? "var(--series-1)" : "var(--series-2)";
      parts.push(
        svg("polyline", { points: points.join(" "), fill: "none", stroke: colour, "stroke-width": 2.5, ...(rain ? {} : { "stroke-dasharray": "8 5" }) }),
      );
      parts.push(svg("circle", { cx: sx(p), cy: sy(daySurprise(p, rain)), r: 6, fill: colour, stroke: "var(--paper)", "stroke-width": 2 }));
      const near = rain ? 0.06 : 0.94,
        name = rain ? this.say("若下雨", "if rain") : this.say("若不下", "if dry");
      parts.push(this.#text(sx(near) + (rain ? 6 : -6), sy(3.4), name, { "text-anchor": rain ? "start" : "end", fill: colour, "font-weight": 600 }));
    }
    return parts;
  }

  /** Two thermometers: what today's forecast costs if it rains and if it stays dry. */
  #meters(left, right, top, bottom) {
    const p = this.state.percent / 100,
      bar = Math.min(44, (right - left) / 2 - 8),
      parts = [];
    [true, false].forEach((rain, i) => {
      const value = daySurprise(p, rain),
        x = left + (i + 0.5) * ((right - left) / 2) - bar / 2;
      const filled = Math.max(2, (Math.min(value, FULL) / FULL) * (bottom - top)),
        colour = rain ? "var(--series-1)" : "var(--series-2)";
      parts.push(
        svg("rect", { x, y: top, width: bar, height: bottom - top, rx: 6, fill: "var(--paper-sunken)" }),
        svg("rect", { x, y: bottom - filled, width: bar, height: filled, rx: Math.min(6, filled / 2), fill: colour }),
        this.#text(x + bar / 2, top - 8, showNumber(value), { "text-anchor": "middle", fill: "var(--ink)", "font-weight": 600 }),
        this.#text(x + bar / 2, bottom + 18, rain ? this.say("下雨", "rain") : this.say("不下", "dry"), {
          "text-anchor": "middle",
          fill: colour,
          "font-weight": 600,
        }),
      );
    });
    return parts;
  }

  /** A bar per revealed day, and the level of somebody who always forecasts 50%. */
  #record(left, right, top, bottom) {
    const slot = (right - left) / DAYS.length,
      done = this.forecasts,
      parts = [];
    const height = (value) => (Math.min(value, FULL) / FULL) * (bottom - top - 20),
      level = bottom - height(surprise(0.5));
    parts.push(this.#text(left, top - 4, this.say("每天的惊讶（虚线：总说 50%）", "surprise of each day (dashes: always 50%)")));
    DAYS.forEach((day, i) => {
      const middle = left + (i + 0.5) * slot;
      parts.push(
        this.#text(middle, bottom + 18, i >= done.length ? this.say(`第${i + 1}天`, `${i + 1}`) : day.rain ? this.say("雨", "rain") : this.say("无雨", "dry"), {
          "text-anchor": "middle",
          ...(i < done.length ? { fill: "var(--ink)" } : {}),
        }),
      );
      if (i >= done.length) return;
      const value = daySurprise(done[i], day.rain),
        tall = Math.max(2, height(value));
      parts.push(svg("rect", { x: middle - 14, y: bottom - tall, width: 28, height: tall, rx: 3, fill: day.rain ? "var(--series-1)" : "var(--series-2)" }));
      parts.push(this.#text(middle, Math.min(bottom - tall, level) - 5, showNumber(value), { "text-anchor": "middle", fill: "var(--ink)" }));
    });
    parts.push(
      svg("line", { x1: left, x2: right, y1: bottom, y2: bottom, stroke: "var(--line-strong)" }),
      svg("line", { x1: left, x2: right, y1: level, y2: level, stroke: "var(--leaf)", "stroke-width": 1.5, "stroke-dasharray": "5 5" }),
    );
    return parts;
  }
}

define("surprise", Surprise);
