/**
 * Draw two groups of points; a net of at most eight neurons learns to separate them while you watch.
 *
 * The whole net is written out in two-groups/net.js, without a library. The same points and number of steps give the
 * same net, so `steps` in the URL is enough to show a trained state again.
 */
import { Figure, define, el } from "../js/figure.js";
import { LAST_STEP, MOST_POINTS, WIDE, countRight, decode, encode, lossAndGradient, makeNet, preset, probability, trainStep } from "./two-groups/net.js";

export * from "./two-groups/net.js";

class TwoGroups extends Figure {
  static defaults = { shape: "ring", drawn: "", units: 8, guess: "", brush: "a", show: "areas", steps: 0 };

  render() {
    this.plot = this.canvas(0.75, this.say("两组点和网络画出的分界", "Two groups of points and the border that the net draws"));
    this.curve = this.canvas(0.2, this.say("损失随步数的变化", "Loss over the steps"));
    this.cursor = { x: 0, y: 0, seen: false };
    this.#listen(this.plot.element);
    this.trainButton = this.button("", () => this.#toggle());
    this.hint = el("span", {});
    this.controls.append(
      this.choice("guess", { label: this.say("先猜：训练以后，能分对多少？", "Guess first: after training, how many will be right?"), choices: [
        ["half", this.say("一半左右", "about half")], ["most", this.say("大部分", "most")], ["all", this.say("几乎全部", "nearly all")]] }),
      el("div", { class: "figure-row" }, this.trainButton, " ", this.hint),
      this.choice("shape", { label: this.say("点的形状", "Shape of the points"), choices: [
        ["ring", this.say("圆环", "Ring")], ["moons", this.say("月牙", "Moons")], ["corners", this.say("对角", "Corners")], ["own", this.say("自己画", "Draw your own")]] }),
      this.choice("brush", { label: this.say("在图上点一下，加一个点", "Tap the picture to add a point"), choices: [
        ["a", this.say("● 甲组", "● group A")], ["b", this.say("▲ 乙组", "▲ group B")], ["remove", this.say("擦掉", "erase")]] }),
      this.slider("units", { label: this.say("神经元个数", "Neurons"), min: 1, max: 8, step: 1 }),
      this.choice("show", { label: this.say("看什么", "Show"), choices: [
        ["areas", this.say("网络的答案", "the net's answer")], ["lines", this.say("再加上每个神经元的线", "and each neuron's line")]] }),
    );
    this.addEventListener("figure-reset", () => this.#stop());
  }

  /** The points of the state; memoised, because every frame needs them. */
  get points() {
    const key = `${this.state.shape}|${this.state.drawn}`;
    if (this.pointsKey !== key) {
      this.pointsKey = key;
      this.rememberedPoints = this.state.shape === "own" ? decode(this.state.drawn) : preset(this.state.shape);
    }
    return this.rememberedPoints;
  }

  get trainable() { return new Set(this.points.map(({ group }) => group)).size === 2; }

  /** Train the net up to `state.steps`; restart if points or neurons changed or the steps went back. */
  #follow() {
    const { units, steps } = this.state;
    const target = this.trainable ? Math.min(LAST_STEP, Math.max(0, Math.round(steps))) : 0;
    const key = `${units}|${this.state.shape}|${this.state.drawn}`;
    if (this.netKey !== key || this.net.step > target) {
      if (this.netKey && this.netKey !== key) this.#stop();
      this.netKey = key;
      this.net = makeNet(Math.min(8, Math.max(1, units)), 3);
      this.losses = [];
    }
    while (this.net.step < target) this.losses.push(trainStep(this.net, this.points));
  }

  update(changes) {
    // Other points or another net: the learned weights do not apply to them.
    if (["shape", "drawn", "units"].some((key) => key in changes && changes[key] !== this.state[key]) && !("steps" in changes)) changes = { ...changes, steps: 0 };
    super.update(changes);
  }

  #toggle() {
    if (this.timer) { this.#stop(); this.update({}); return; }
    if (!this.trainable) { this.#tell(this.say("两组都要有点。", "Both groups need points.")); return; }
    if (!this.state.guess) { this.#tell(this.say("先在上面猜一猜。", "First make a guess above.")); this.querySelector(`input[name="${this.name}-guess"]`)?.focus(); return; }
    if (this.state.steps >= LAST_STEP) this.state.steps = 0;
    this.timer = true;
    const tick = () => {
      if (!this.timer || !this.isConnected) return;
      if (this.state.steps + 3 >= LAST_STEP) this.#stop();
      this.update({ steps: Math.min(LAST_STEP, this.state.steps + 3) });
      if (this.timer) this.timer = requestAnimationFrame(tick);
    };
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) { this.#stop(); this.update({ steps: LAST_STEP }); } else tick();
  }

  #stop() { if (this.timer) cancelAnimationFrame(this.timer); this.timer = null; }
  #tell(text) { this.told = text; this.hint.textContent = text; }

  #place(x, y) {
    let points = this.points;
    if (this.state.brush === "remove") {
      const distance = (point) => Math.hypot(point.x - x, point.y - y);
      const nearest = points.reduce((best, point) => (distance(point) < distance(best) ? point : best), points[0]);
      if (!nearest || distance(nearest) > 0.12) return;
      points = points.filter((point) => point !== nearest);
    } else {
      if (points.length >= MOST_POINTS) return;
      points = [...points, { x, y, group: this.state.brush === "b" ? 1 : 0 }];
    }
    this.update({ shape: "own", drawn: encode(points) });
  }

  #listen(canvas) {
    canvas.tabIndex = 0;
    canvas.setAttribute("aria-label", this.say("画板：方向键移动十字，空格键放一个点", "Drawing board: arrow keys move the cross, space places a point"));
    canvas.setAttribute("role", "application");
    canvas.style.cursor = "crosshair";
    canvas.style.touchAction = "manipulation";
    const where = (event) => {
      const box = canvas.getBoundingClientRect();
      return [((event.clientX - box.left) / box.width * 2 - 1) * WIDE, 1 - (event.clientY - box.top) / box.height * 2];
    };
    canvas.addEventListener("click", (event) => { if (event.detail) this.#place(...where(event)); });
    canvas.addEventListener("pointermove", (event) => {
      // Mouse and pen drags paint; a finger's drag still scrolls the page.
      if (event.buttons !== 1 || event.pointerType === "touch") return;
      const [x, y] = where(event);
      if (this.painted && Math.hypot(x - this.painted[0], y - this.painted[1]) < 0.09) return;
      this.painted = [x, y];
      this.#place(x, y);
    });
    canvas.addEventListener("pointerdown", (event) => { this.painted = where(event); });
    canvas.addEventListener("keydown", (event) => this.#key(event));
    canvas.addEventListener("focus", () => { this.cursor.seen = canvas.matches(":focus-visible"); this.draw(); });
    canvas.addEventListener("blur", () => { this.cursor.seen = false; this.draw(); });
  }

  #key(event) {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (way) {
      this.cursor = { seen: true, x: Math.max(-WIDE, Math.min(WIDE, this.cursor.x + way[0] * 0.08)), y: Math.max(-1, Math.min(1, this.cursor.y + way[1] * 0.08)) };
      this.draw();
    } else if (event.key === " " || event.key === "Enter") this.#place(this.cursor.x, this.cursor.y);
    else return;
    event.preventDefault();
  }

  draw() {
    this.#follow();
    this.trainButton.textContent = this.timer ? this.say("暂停", "Pause") : this.state.steps >= LAST_STEP ? this.say("再训练一次", "Train again") : this.state.steps ? this.say("继续训练", "Go on training") : this.say("训练", "Train");
    if (this.told && (this.state.guess || this.timer)) this.#tell("");
    this.#drawPlot();
    this.#drawCurve();
  }

  #drawPlot() {
    const { context: c, width, height } = this.plot();
    const toX = (x) => (x / WIDE + 1) / 2 * width, toY = (y) => (1 - y) / 2 * height;
    const colours = [this.colour("series-1"), this.colour("series-2")];
    if (this.net.step) this.#drawAreas(c, width, height, colours);
    if (this.state.show === "lines") this.#drawLines(c, toX, toY);
    c.lineWidth = 1.5;
    c.strokeStyle = this.colour("paper-raised");
    for (const { x, y, group } of this.points) {
      c.fillStyle = colours[group];
      c.beginPath();
      if (group) { c.moveTo(toX(x), toY(y) - 7); c.lineTo(toX(x) + 6.5, toY(y) + 5); c.lineTo(toX(x) - 6.5, toY(y) + 5); c.closePath(); } else c.arc(toX(x), toY(y), 5.5, 0, 7);
      c.fill();
      c.stroke();
    }
    c.strokeStyle = this.colour("line-strong");
    c.lineWidth = 1;
    c.strokeRect(0.5, 0.5, width - 1, height - 1);
    if (this.cursor.seen) {
      c.strokeStyle = this.colour("ink");
      c.lineWidth = 2;
      c.beginPath();
      for (const [dx, dy] of [[10, 0], [0, 10]]) { c.moveTo(toX(this.cursor.x) - dx, toY(this.cursor.y) - dy); c.lineTo(toX(this.cursor.x) + dx, toY(this.cursor.y) + dy); }
      c.stroke();
    }
    if (!this.points.length) {
      c.fillStyle = this.colour("ink-soft");
      c.font = `16px ${getComputedStyle(this).fontFamily}`;
      c.textAlign = "center";
      c.fillText(this.say("在这里画两组点", "Draw two groups of points here"), width / 2, height / 2);
    }
  }

  #drawAreas(c, width, height, colours) {
    const cell = width > 480 ? 6 : 5;
    for (let px = 0; px < width; px += cell) {
      for (let py = 0; py < height; py += cell) {
        const sure = probability(this.net, ((px + cell / 2) / width * 2 - 1) * WIDE, 1 - (py + cell / 2) / height * 2) * 2 - 1;
        c.globalAlpha = 0.05 + 0.3 * Math.abs(sure);
        c.fillStyle = colours[sure > 0 ? 1 : 0];
        c.fillRect(px, py, cell, cell);
      }
    }
    c.globalAlpha = 1;
  }

  /** Each neuron switches along a straight line: wx x + wy y + b = 0. Thicker for a larger output weight. */
  #drawLines(c, toX, toY) {
    const p = this.net.parameters;
    c.strokeStyle = this.colour("ink");
    for (let i = 0; i < 4 * this.net.units; i += 4) {
      const length = Math.hypot(p[i], p[i + 1]) || 1, nx = p[i] / length, ny = p[i + 1] / length, away = -p[i + 2] / length;
      c.globalAlpha = 0.75;
      c.lineWidth = Math.min(3.5, 0.6 + Math.abs(p[i + 3]) / 2);
      c.beginPath();
      c.moveTo(toX(nx * away - ny * 4), toY(ny * away + nx * 4));
      c.lineTo(toX(nx * away + ny * 4), toY(ny * away - nx * 4));
      c.stroke();
    }
    c.globalAlpha = 1;
  }

  #drawCurve() {
    const { context: c, width, height } = this.curve();
    const left = 8, right = width - 8, bottom = height - 8, top = 26;
    const most = Math.max(0.8, ...this.losses);
    c.strokeStyle = this.colour("line-strong");
    c.lineWidth = 1;
    c.beginPath();
    c.moveTo(left, bottom + 0.5);
    c.lineTo(right, bottom + 0.5);
    c.stroke();
    c.fillStyle = this.colour("ink-soft");
    c.font = `14px ${getComputedStyle(this).fontFamily}`;
    const { step } = this.net, right_ = countRight(this.net, this.points), all = this.points.length;
    const loss = this.trainable ? lossAndGradient(this.net, this.points).loss : null;
    c.fillText(loss === null ? this.say("损失", "Loss") : this.say(`第 ${step} 步　损失 ${loss.toFixed(3)}　${step ? `分对 ${right_}/${all}` : "还没训练"}`,
      `Step ${step} · loss ${loss.toFixed(3)} · ${step ? `${right_} of ${all} right` : "not trained yet"}`), left, 16);
    if (this.losses.length < 2) return;
    c.strokeStyle = this.colour("series-1");
    c.lineWidth = 2;
    c.beginPath();
    this.losses.forEach((value, i) => c.lineTo(left + (i / LAST_STEP) * (right - left), bottom - (value / most) * (bottom - top)));
    c.stroke();
  }

  describe() {
    const all = this.points.length, { steps, units, guess } = this.state;
    if (!this.trainable) return this.say("两组都画上点，网络才有东西可学。", "The net has something to learn once both groups have points.");
    if (this.timer) return this.say(`${units} 个神经元正在学习……`, `${units} ${units === 1 ? "neuron is" : "neurons are"} learning …`);
    if (!steps) return this.say(`${all} 个点，分成两组；${units} 个神经元还没有训练。`, `${all} points in two groups; ${units} ${units === 1 ? "neuron" : "neurons"}, not trained yet.`);
    const correct = countRight(this.net, this.points), share = correct / all;
    const came = share >= 0.95 ? "all" : share >= 0.65 ? "most" : "half";
    const names = { half: this.say("一半左右", "about half"), most: this.say("大部分", "most"), all: this.say("几乎全部", "nearly all") };
    const verdict = !names[guess] ? "" : this.say(`你猜的是“${names[guess]}”，${guess === came ? "猜对了。" : `结果是“${names[came]}”。`}`,
      ` You guessed “${names[guess]}”${guess === came ? ", and so it is." : `; it was “${names[came]}”.`}`);
    return this.say(`训练 ${Math.min(steps, LAST_STEP)} 步以后，${units} 个神经元分对了 ${all} 个点中的 ${correct} 个。`,
      `After ${Math.min(steps, LAST_STEP)} steps ${units} ${units === 1 ? "neuron has" : "neurons have"} ${correct} of ${all} points right.`) + verdict;
  }
}

define("two-groups", TwoGroups);
