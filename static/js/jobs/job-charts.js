/** The curves of a run, drawn by uPlot in the page's colours: one metric at a time, as wide as the page. */
import uPlot from "uplot";

import { epochTicks, verticalAxis } from "./chart-axis.js";
import { bestRecord, fill, formatMetric } from "./job-series.js";

/** More epochs than this have no marker each: the line says it. */
const mostMarkers = 20;
const [BATCHES, TRAINING, VALIDATION, PREVIOUS] = [1, 2, 3, 4];

/** The current value of a token from tokens.css. */
function colour(token) {
  const probe = document.createElement("span");
  probe.style.color = `var(--${token})`;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

/** All charts of a run, and the buttons that choose one of them. */
export class Charts {
  constructor(element) {
    this.charts = [...element.querySelectorAll("[data-chart]")].map((chart) => new MetricChart(chart, element.dataset));
    this.choice = element.querySelector("[data-chart-choice]");
    this.batchesNote = element.querySelector("[data-batches-note]");
    this.chosen = this.charts[0]?.metric;
    this.choice?.addEventListener("click", ({ target }) => {
      const metric = target.closest("button")?.value;
      if (!metric) return;
      this.chosen = metric;
      this.draw(this.run);
    });
  }

  draw(run) {
    this.run = run;
    const known = this.charts.filter(({ metric }) => run.has(metric));
    if (this.choice) {
      this.choice.hidden = known.length < 2;
      for (const button of this.choice.querySelectorAll("button")) button.ariaPressed = String(button.value === this.chosen);
    }
    for (const chart of this.charts) chart.draw(run, run.has(chart.metric) && (known.length < 2 || chart.metric === this.chosen));
    if (this.batchesNote) this.batchesNote.hidden = !this.charts.some(({ element, hasBatches }) => !element.hidden && hasBatches);
  }
}

export class MetricChart {
  /** `element` is `<div class="chart" data-chart="loss">` with the parts below; `texts` are the data attributes of all charts. */
  constructor(element, texts) {
    this.element = element;
    this.texts = texts;
    this.metric = element.dataset.chart;
    this.title = element.dataset.title;
    this.plotElement = element.querySelector(".chart-plot");
    this.readout = element.querySelector(".chart-value");
    this.said = element.querySelector("[data-chart-said]");
    this.sentence = element.querySelector(".chart-sentence");
    this.logButton = element.querySelector("[data-tool=log]");
    this.wholeButton = element.querySelector("[data-tool=whole]");
    this.logButton?.addEventListener("click", () => { this.isLog = !this.axis.logarithmic; this.#redraw(); });
    this.wholeButton.addEventListener("click", () => this.#zoomTo(null));
    this.plotElement.addEventListener("keydown", (event) => this.#press(event));
    this.plotElement.addEventListener("blur", () => this.plot?.setCursor({ left: -10, top: -10 }));
    new ResizeObserver(() => this.#resize()).observe(this.plotElement);
    document.addEventListener("themechange", () => this.#redraw());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#redraw());
  }

  draw(run, isShown) {
    this.run = run;
    this.element.hidden = !isShown;
    const { batches, training, validation, previous } = run.series(this.metric);
    this.element.dataset.points = batches[0].length || training[0].length;
    // One batch an epoch has no faint line of its own.
    this.hasBatches = batches[1].filter((value) => value != null).length > training[0].length;
    if (!isShown) return;
    const tables = [batches, training, validation, previous];
    this.values = tables.some(([xs]) => xs.length) ? uPlot.join(tables) : [[], [], [], [], []];
    this.epochs = Math.max(1, run.epochs, ...previous[0].slice(-1));
    this.band = run.bands.find(({ metric }) => metric === this.metric) ?? null;
    this.best = validation[0].length > 1 ? bestRecord(this.metric, validation) : null;
    this.markers = validation[0].length <= mostMarkers;
    this.#scale();
    const { axis } = this;
    this.element.dataset.ticks = axis.ticks.length;
    if (this.logButton) this.logButton.ariaPressed = String(axis.logarithmic);
    // A non-finite value leaves a gap.
    const data = this.values.map((series, index) => (index ? series.map((value) => (value == null ? value : Number.isFinite(value) ? axis.to(value) : null)) : series));
    const kind = `${this.markers} ${this.epochs}`;
    if (!this.plot || this.kind !== kind) {
      this.plot?.destroy();
      this.kind = kind;
      this.plot = new uPlot(this.#options(), data, this.plotElement);
    } else {
      this.plot.setData(data);
    }
    this.#say(validation[0].length ? validation : training, validation[0].length > 0);
  }

  #redraw() {
    this.plot?.destroy();
    this.plot = null;
    if (this.run) this.draw(this.run, !this.element.hidden);
  }

  /** The vertical axis fits what is seen: all of it, or the part zoomed to. */
  #scale() {
    const [xs, ...series] = this.values;
    const [from, to] = this.zoom ?? [-Infinity, Infinity];
    const seen = series.flatMap((values) => values.filter((_, index) => xs[index] >= from && xs[index] <= to));
    if (this.band) seen.push(this.band.low, this.band.high);
    this.axis = verticalAxis(this.metric, seen, this.#size().height, this.isLog);
  }

  #size() {
    const width = Math.max(220, this.plotElement.clientWidth);
    return { width, height: Math.round(Math.min(380, Math.max(230, width * 0.4))) };
  }

  #resize() {
    const size = this.#size();
    if (this.plot && this.plot.width !== size.width) this.#redraw();
  }

  #options() {
    const ink = colour("ink-soft"), line = colour("line"), paper = colour("paper");
    const [first, second] = [colour("series-1"), colour("series-2")];
    this.colours = { [TRAINING]: first, [VALIDATION]: second, [PREVIOUS]: ink, paper, band: colour("series-4") };
    const family = getComputedStyle(document.body).fontFamily;
    this.font = `${12 * devicePixelRatio}px ${family}`;
    const font = `12px ${family}`;
    const axis = { stroke: ink, font, labelFont: font, labelSize: 20, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1, size: 4 } };
    const size = this.#size();
    const markers = { show: this.markers, size: 7, width: 1.5, fill: paper };
    return {
      ...size,
      // Room for the labels at the lines' ends.
      padding: [14, size.width > 480 ? 130 : 84, 0, 0],
      legend: { show: false },
      cursor: { y: false, points: { show: hoverPoint }, drag: { x: true, y: false, setScale: false } },
      scales: { x: { time: false, range: () => this.zoom ?? [0, this.epochs] }, y: { range: () => this.axis.range } },
      axes: [
        { ...axis, label: this.texts.textEpoch, splits: (plot) => epochTicks(this.epochs, plot.width), values: (_, splits) => splits.map(String), size: 34 },
        { ...axis, label: this.title, splits: () => this.axis.ticks, values: () => this.axis.labels, size: 56 },
      ],
      series: [
        {},
        { stroke: first, alpha: 0.3, width: 1, points: { show: false } },
        { stroke: first, width: 2, points: { ...markers, stroke: first } },
        { stroke: second, width: 2, points: { ...markers, stroke: second } },
        { stroke: ink, alpha: 0.7, width: 1.5, dash: [5, 5], points: { show: false } },
      ],
      hooks: {
        setCursor: [(plot) => this.#read(plot.cursor.idx)],
        setSelect: [(plot) => this.#zoomToSelection(plot)],
        drawAxes: [(plot) => this.#drawBand(plot)],
        draw: [(plot) => this.#annotate(plot)],
      },
    };
  }

  /** What was measured beforehand with these settings and three seeds, behind the lines. */
  #drawBand(plot) {
    if (!this.band) return;
    const { ctx, bbox } = plot;
    const [low, high] = [this.band.low, this.band.high].map((value) => plot.valToPos(this.axis.to(value), "y", true));
    const least = 2 * devicePixelRatio;
    ctx.save();
    ctx.globalAlpha = 0.4;
    ctx.fillStyle = this.colours.band;
    ctx.fillRect(bbox.left, Math.min(high, low - least), bbox.width, Math.max(low - high, least));
    ctx.restore();
  }

  /** Names at the lines' ends, and a ring around the best epoch. */
  #annotate(plot) {
    const { ctx } = plot;
    ctx.save();
    ctx.font = this.font;
    ctx.textBaseline = "middle";
    if (this.best) this.#ring(plot);
    const names = [TRAINING, VALIDATION, PREVIOUS].map((series) => this.#end(plot, series)).filter(Boolean).sort((one, other) => one.y - other.y);
    const room = 16 * devicePixelRatio;
    names.forEach((name, index) => { if (index) name.y = Math.max(name.y, names[index - 1].y + room); });
    ctx.textAlign = "start";
    for (const { series, text, x, y } of names) {
      ctx.fillStyle = this.colours[series];
      ctx.fillText(text, x + 8 * devicePixelRatio, y);
    }
    ctx.restore();
  }

  #end(plot, series) {
    const [xs] = this.values;
    const [from, to] = this.zoom ?? [0, this.epochs];
    const at = this.values[series].findLastIndex((value, index) => Number.isFinite(value) && xs[index] >= from && xs[index] <= to);
    if (at < 0) return null;
    const name = { [TRAINING]: this.texts.textTraining, [VALIDATION]: this.texts.textValidation, [PREVIOUS]: this.texts.textPrevious }[series];
    const text = this.#size().width > 480 ? `${name} ${formatMetric(this.metric, this.values[series][at])}` : name;
    return { series, text, x: plot.valToPos(xs[at], "x", true), y: plot.valToPos(this.axis.to(this.values[series][at]), "y", true) };
  }

  #ring(plot) {
    const { ctx } = plot;
    const { epoch, value } = this.best;
    const [from, to] = this.zoom ?? [0, this.epochs];
    if (epoch < from || epoch > to) return;
    const [x, y] = [plot.valToPos(epoch, "x", true), plot.valToPos(this.axis.to(value), "y", true)];
    ctx.setLineDash([]);
    ctx.beginPath();
    ctx.arc(x, y, 8 * devicePixelRatio, 0, 2 * Math.PI);
    ctx.strokeStyle = ctx.fillStyle = this.colours[VALIDATION];
    ctx.lineWidth = 1.5 * devicePixelRatio;
    ctx.stroke();
    if (epoch === this.epochs) return; // there its line has its name
    ctx.textAlign = "center";
    const isHigh = y < plot.bbox.top + plot.bbox.height / 2;
    ctx.fillText(fill(this.texts.textBest, { epoch }), x, y + (isHigh ? 20 : -18) * devicePixelRatio);
  }

  /** The values under the cursor, in words. */
  #read(index) {
    if (index == null) { this.readout.textContent = ""; return; }
    const x = this.values[0][index];
    const said = [[TRAINING, this.texts.textTraining], [VALIDATION, this.texts.textValidation], [PREVIOUS, this.texts.textPrevious], [BATCHES, this.texts.textBatch]]
      .map(([series, name]) => [name, series === BATCHES ? this.values[series][index] : nearest(this.values[series], index)])
      .filter(([, value]) => value != null)
      .map(([name, value]) => `${name} ${formatMetric(this.metric, value)}`);
    this.readout.textContent = [`${this.texts.textEpoch} ${Number(x.toFixed(2))}`, ...said].join(" · ");
  }

  /** Arrow keys read epoch after epoch, plus and minus zoom, Escape shows everything again. */
  #press(event) {
    if (!this.plot || event.ctrlKey || event.metaKey || event.altKey) return;
    const steps = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };
    if (event.key in steps) this.#step(steps[event.key]);
    else if (event.key === "+" || event.key === "-") this.#zoomBy(event.key === "+" ? 0.5 : 2);
    else if (event.key === "Escape") this.#zoomTo(null);
    else return;
    event.preventDefault();
  }

  #step(by) {
    const [xs] = this.values;
    const stops = xs.map((_, index) => index).filter((index) => [TRAINING, VALIDATION, PREVIOUS].some((series) => this.values[series][index] != null));
    if (!stops.length) return;
    const now = stops.findLastIndex((index) => index <= (this.plot.cursor.idx ?? -1));
    const at = stops[Math.max(0, Math.min(stops.length - 1, now + by))];
    this.plot.setCursor({ left: this.plot.valToPos(xs[at], "x"), top: 10 });
    this.#read(at);
    // Only what was asked for is spoken: the value at the cursor changes with every batch of a running training.
    this.said.textContent = this.readout.textContent;
  }

  #zoomBy(factor) {
    const [from, to] = this.zoom ?? [0, this.epochs];
    const middle = this.plot.cursor.idx == null ? (from + to) / 2 : this.values[0][this.plot.cursor.idx];
    const half = Math.max(0.25, ((to - from) * factor) / 2);
    const next = [Math.max(0, middle - half), Math.min(this.epochs, middle + half)];
    this.#zoomTo(next[1] - next[0] >= this.epochs ? null : next);
  }

  #zoomToSelection(plot) {
    const { left, width } = plot.select;
    if (width < 8) return;
    const zoom = [plot.posToVal(left, "x"), plot.posToVal(left + width, "x")];
    plot.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
    this.#zoomTo(zoom);
  }

  #zoomTo(zoom) {
    this.zoom = zoom;
    this.wholeButton.hidden = !zoom;
    if (this.run) this.draw(this.run, true);
  }

  /** The curve as a sentence: below the chart, and as its name for who cannot see it. */
  #say([epochs, values], isValidation) {
    const known = values.filter((value) => value != null);
    const words = known.length < 2 ? "" : fill(isValidation ? this.texts.textSentence : this.texts.textSentenceTraining, {
      metric: this.title, first: formatMetric(this.metric, values[0]), last: formatMetric(this.metric, values.at(-1)), epochs: epochs.at(-1),
      best: this.best?.epoch ?? epochs.at(-1), value: formatMetric(this.metric, this.best?.value ?? values.at(-1)),
    });
    const band = this.band ? fill(this.texts.textBand, { low: formatMetric(this.metric, this.band.low), high: formatMetric(this.metric, this.band.high) }) : "";
    const sentence = [words, band].filter(Boolean).join(this.texts.textGap);
    if (this.sentence.textContent !== sentence) this.sentence.textContent = sentence;
    this.plotElement.setAttribute("aria-label", `${this.title}. ${sentence} ${this.texts.textKeys}`);
  }
}

/** The dot under the cursor; the faint curve of single batches has none. */
function hoverPoint(_, series) {
  if (series === BATCHES) return null;
  const point = document.createElement("div");
  Object.assign(point.style, { width: "7px", height: "7px", marginLeft: "-3.5px", marginTop: "-3.5px" });
  return point;
}

/** The last known value at or before `index`: the series do not share all their x. */
function nearest(values, index) {
  for (let at = index; at >= 0; at -= 1) if (values[at] != null) return values[at];
  return null;
}
