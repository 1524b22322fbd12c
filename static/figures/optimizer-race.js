/**
 * A race on contour lines: gradient descent, momentum and Adam start at one point and look for the lowest one.
 *
 * The reader bets, sets a learning rate for each, moves the start, and runs the race or scrubs through its steps.
 */
import { Figure, define, el } from "../js/figure.js";
import { drawLosses, drawMap } from "./optimizer-race/drawing.js";
import { STAY, arrival, landscapes, run, winners } from "./optimizer-race/race.js";

export * from "./optimizer-race/race.js";

export const STEPS = 200;
const MILLISECONDS_PER_STEP = 45;

const runners = {
  sgd: { zh: "SGD", en: "SGD", colour: "series-2", mark: "●", rate: "rateSgd" },
  momentum: { zh: "动量", en: "Momentum", colour: "series-1", mark: "■", rate: "rateMomentum" },
  adam: { zh: "Adam", en: "Adam", colour: "series-4", mark: "▲", rate: "rateAdam" },
};

const places = {
  valley: { zh: "狭长的山谷", en: "A narrow valley" },
  bowl: { zh: "圆碗", en: "A round bowl" },
  saddle: { zh: "马鞍", en: "A saddle" },
};

/** The learning rate for the slider's exponent, with two digits: −1.8 is 0.016. */
export function rateOf(exponent) {
  return Number((10 ** exponent).toPrecision(2));
}

const number = (value) => String(Number(value.toPrecision(2))).replaceAll("-", "−");
const position = (value) => String(Math.round(value * 100) / 100).replaceAll("-", "−");

class OptimizerRace extends Figure {
  static defaults = { place: "valley", ...landscapes.valley.start, rateSgd: -1.8, rateMomentum: -1.8, rateAdam: -1, noise: 0, step: 0, bet: "" };

  get place() { return this.state.place in landscapes ? this.state.place : "valley"; }

  update(changes) {
    const moved = changes.place && changes.place !== this.state.place;
    this.#pause();
    super.update(moved ? { step: 0, ...landscapes[changes.place]?.start, ...changes } : changes);
  }

  render() {
    this.stage.style.position = "relative";
    this.map = this.canvas(0.55, this.say("损失的等高线和三条路线", "Contour lines of the loss and three tracks"));
    this.handle = this.stage.appendChild(this.#startHandle());
    this.losses = this.canvas(0.24, this.say("三条损失曲线", "Three curves of the loss"));
    this.table = this.stage.appendChild(el("table", {}));
    this.table.style.width = "100%";
    this.go = this.button("", () => (this.playing === undefined ? this.#play() : this.update({ step: this.playing })));
    const buttons = [
      this.go,
      this.button(this.say("前进一步", "One step"), () => this.update({ step: Math.min(STEPS, this.#step() + 1) })),
      this.button(this.say("回到起点", "Back to the start"), () => this.update({ step: 0 })),
    ];
    const rates = Object.values(runners).map((runner) => this.slider(runner.rate, {
      label: this.say(`学习率：${runner.zh}`, `Rate: ${runner.en}`), min: -3, max: 0.4, step: 0.05, format: (exponent) => String(rateOf(exponent)),
    }));
    const rows = [
      this.choice("bet", { label: this.say("先押一个：谁先到谷底？", "Place your bet: who gets there first?"), choices: Object.entries(runners).map(([key, runner]) => [key, runner[this.language]]) }),
      el("div", { class: "figure-actions" }, ...buttons),
      this.slider("step", { label: this.say("第几步", "Step"), min: 0, max: STEPS, step: 1 }),
      this.choice("place", { label: this.say("地形", "Landscape"), choices: Object.entries(places).map(([key, words]) => [key, words[this.language]]) }),
      el("div", { class: "figure-controls" }, ...rates, this.slider("noise", { label: this.say("梯度的噪声", "Gradient noise"), min: 0, max: 4, step: 0.5 })),
    ];
    for (const row of rows) row.style.flexBasis = "100%";
    this.controls.append(...rows);
    this.addEventListener("figure-reset", () => this.#pause());
  }

  /** The start: dragged by mouse or finger, moved by arrow keys. */
  #startHandle() {
    const handle = el("button", { type: "button", onkeydown: (event) => this.#nudge(event), onpointerdown: (event) => handle.setPointerCapture(event.pointerId), onpointermove: (event) => this.#drag(event) });
    Object.assign(handle.style, {
      position: "absolute", width: "30px", height: "30px", margin: "-15px 0 0 -15px", padding: "0", borderRadius: "50%",
      border: "3px solid var(--leaf)", background: "transparent", cursor: "grab", touchAction: "none",
    });
    return handle;
  }

  #nudge(event) {
    const [dp, dq] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key] ?? [0, 0];
    if (!dp && !dq) return;
    event.preventDefault();
    this.#moveStart(this.state.p + dp * 0.1, this.state.q + dq * 0.1);
  }

  #drag(event) {
    if (!this.handle.hasPointerCapture(event.pointerId)) return;
    const [left, right, bottom, top] = landscapes[this.place].box, area = this.map.element.getBoundingClientRect();
    this.#moveStart(
      left + ((event.clientX - area.left) / area.width) * (right - left),
      top - ((event.clientY - area.top) / area.height) * (top - bottom),
    );
  }

  #moveStart(p, q) {
    const [left, right, bottom, top] = landscapes[this.place].box;
    const within = (value, low, high) => Math.round(Math.max(low, Math.min(high, value)) * 100) / 100;
    this.update({ p: within(p, left, right), q: within(q, bottom, top), step: 0 });
  }

  #step() { return Math.round(Math.max(0, Math.min(STEPS, this.playing ?? this.state.step))); }

  #tracks() {
    const { p, q, noise } = this.state;
    return Object.fromEntries(Object.entries(runners).map(([name, { rate }]) => {
      return [name, run(name, this.place, { p, q, rate: rateOf(this.state[rate]), steps: STEPS, noise })];
    }));
  }

  #play() {
    const from = this.#step() >= STEPS ? 0 : this.#step();
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return this.update({ step: STEPS });
    const began = performance.now();
    const frame = (now) => {
      const step = from + Math.floor((now - began) / MILLISECONDS_PER_STEP);
      if (step >= STEPS) return this.update({ step: STEPS });
      this.playing = step;
      this.draw();
      this.animation = requestAnimationFrame(frame);
    };
    this.playing = from;
    this.animation = requestAnimationFrame(frame);
    this.draw();
  }

  #pause() {
    cancelAnimationFrame(this.animation);
    this.playing = undefined;
  }

  draw() {
    const tracks = this.#tracks(), step = this.#step(), colour = (token) => this.colour(token);
    const shown = Object.entries(runners).map(([name, runner]) => ({ ...runner, track: tracks[name], name: runner[this.language] }));
    drawMap(this.map(), landscapes[this.place], shown, step, colour);
    drawLosses(this.losses(), shown, step, { steps: STEPS, colour, words: this.say("损失（每格 10 倍）", "loss (10 times a line)") });
    const [left, right, bottom, top] = landscapes[this.place].box, { offsetWidth, offsetHeight, offsetLeft, offsetTop } = this.map.element;
    this.handle.style.left = `${offsetLeft + ((this.state.p - left) / (right - left)) * offsetWidth}px`;
    this.handle.style.top = `${offsetTop + ((top - this.state.q) / (top - bottom)) * offsetHeight}px`;
    this.handle.setAttribute("aria-label", this.say(
      `起点 w₁ = ${position(this.state.p)}，w₂ = ${position(this.state.q)}，用方向键移动`,
      `Start, w₁ = ${position(this.state.p)}, w₂ = ${position(this.state.q)}; move it with the arrow keys`));
    this.go.textContent = this.playing === undefined ? this.say("开跑", "Run") : this.say("停", "Stop");
    this.go.disabled = this.state.bet === "";
    this.#fillTable(tracks, step);
  }

  #fillTable(tracks, step) {
    const row = (tag, cells) => el("tr", {}, ...cells.map((cell) => el(tag, { align: "left" }, cell)));
    const head = this.say(["选手", "现在的损失", "到达谷底"], ["Runner", "Loss now", "Arrived"]);
    const rows = Object.entries(runners).map(([name, runner]) => {
      const mark = el("span", { "aria-hidden": "true" }, `${runner.mark} `), now = tracks[name][Math.min(step, tracks[name].length - 1)];
      mark.style.color = `var(--${runner.colour})`;
      return row("td", [el("span", {}, mark, runner[this.language]), now.loss > 1e6 ? this.say("太大", "too large") : number(now.loss), this.#verdict(tracks[name], step)]);
    });
    this.table.replaceChildren(el("thead", {}, row("th", head)), el("tbody", {}, ...rows));
  }

  /** What is known about a runner so far: whether it stays at the bottom shows only STAY steps later. */
  #verdict(track, step) {
    const time = arrival(track);
    if (time === "lost" && step >= track.length - 1) return this.say("跑飞了", "flew away");
    if (typeof time === "number" && step >= time + STAY) return this.say(`第 ${time} 步`, `step ${time}`);
    return this.say("还没有", "not yet");
  }

  describe() {
    const tracks = this.#tracks(), step = this.#step();
    const where = this.say(`${places[this.place].zh}，第 ${step} 步，共 ${STEPS} 步。`, `${places[this.place].en}, step ${step} of ${STEPS}. `);
    if (step === 0) return where + (this.state.bet ? "" : this.say("先押一个，再开跑。绿圈是起点，可以拖动。", "Place a bet, then run. The green ring is the start; drag it."));
    const each = Object.entries(runners).map(([name, runner]) => this.say(`${runner.zh}：${this.#verdict(tracks[name], step)}`, `${runner.en}: ${this.#verdict(tracks[name], step)}`)).join(this.say("；", "; "));
    return `${where}${each}${this.say("。", ".")}${step === STEPS ? this.#settle(tracks) : ""}`;
  }

  #settle(tracks) {
    const best = winners(tracks);
    if (this.state.bet === "") return "";
    if (best.length === 0) return this.say("谁也没有到。", " Nobody got there.");
    const names = best.map((name) => runners[name][this.language]).join(this.say("、", " and "));
    return best.includes(this.state.bet) ? this.say(`${names} 先到，你押中了。`, ` ${names} first: you won your bet.`) : this.say(`${names} 先到，你没有押中。`, ` ${names} first: you lost your bet.`);
  }
}

define("optimizer-race", OptimizerRace);
