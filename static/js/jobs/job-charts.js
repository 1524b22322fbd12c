/** The two curves of a run, drawn by uPlot in the page's colours. */
import uPlot from "uplot";

import { epochTicks, verticalAxis } from "./chart-axis.js";
import { formatMetric, runningMean } from "./job-series.js";

/** The current value of a token from tokens.css. */
function colour(token) {
  const probe = document.createElement("span");
  probe.style.color = `var(--${token})`;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

/** From this many live points on the curve is drawn as their running mean, with the points faint behind it. */
const manyPoints = 80;

export class MetricChart {
  /** `element` is `<div class="chart" data-chart="loss">` with a `.chart-plot` and two `.chart-value`s (no `output`s, whose
      every change is announced). */
  constructor(element) {
    this.element = element;
    this.metric = element.dataset.chart;
    this.plotElement = element.querySelector(".chart-plot");
    this.outputs = [...element.querySelectorAll(".chart-value")];
    new ResizeObserver(() => this.#resize()).observe(this.plotElement);
    const redraw = () => { this.plot?.destroy(); this.plot = null; if (this.run) this.draw(this.run); };
    document.addEventListener("themechange", redraw);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  }

  draw(run) {
    this.run = run;
    this.element.hidden = !run.has(this.metric);
    if (this.element.hidden) return;
    const { training, validation } = run.series(this.metric);
    const count = training[0].length;
    this.element.dataset.points = count;
    const smooth = runningMean(training[1], count > manyPoints ? Math.round(count / 40) : 1);
    this.element.toggleAttribute("data-smooth", count > manyPoints);
    this.last = [smooth.findLast((value) => value != null), validation[1].findLast((value) => value != null)];
    this.values = count || validation[0].length ? uPlot.join([[training[0], training[1], smooth], validation]) : [[], [], [], []];
    const all = [...training[1], ...validation[1]];
    this.axis = verticalAxis(this.metric, all, this.#size().height);
    this.element.dataset.ticks = this.axis.ticks.length;
    // A non-finite value leaves a gap.
    const data = this.values.map((series, index) => (index ? series.map((value) => (value == null ? value : Number.isFinite(value) ? this.axis.to(value) : null)) : series));
    const epochs = Math.max(1, run.epochs);
    if (!this.plot || epochs !== this.epochs) {
      this.plot?.destroy();
      this.epochs = epochs;
      this.plot = new uPlot(this.#options(), data, this.plotElement);
    } else {
      this.plot.setData(data);
    }
    this.#showValues(null);
  }

  #size() {
    const width = Math.max(220, this.plotElement.clientWidth);
    return { width, height: Math.round(Math.min(320, Math.max(200, width * 0.55))) };
  }

  #resize() {
    const size = this.#size();
    if (this.plot && this.plot.width !== size.width) this.plot.setSize(size);
  }

  #options() {
    const ink = colour("ink-soft"), line = colour("line"), paper = colour("paper");
    const font = `12px ${getComputedStyle(document.body).fontFamily}`;
    const axis = { stroke: ink, font, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1, size: 4 } };
    return {
      ...this.#size(),
      legend: { show: false },
      cursor: { y: false, points: { show: hoverPoint }, drag: { x: false, y: false } },
      scales: {
        x: { time: false, range: [0, this.epochs] },
        y: { range: () => this.axis.range },
      },
      axes: [
        { ...axis, splits: (plot) => epochTicks(this.epochs, plot.width), values: (_, splits) => splits.map(String), size: 34 },
        { ...axis, splits: () => this.axis.ticks, values: () => this.axis.labels, size: 60 },
      ],
      series: [
        {},
        { stroke: colour("series-1"), alpha: 0.3, width: 1, points: { show: false } },
        { stroke: colour("series-1"), width: 1.75, points: { show: false } },
        { stroke: colour("series-2"), width: 1.75, points: { show: true, size: 7, width: 1.5, fill: paper, stroke: colour("series-2") } },
      ],
      hooks: { setCursor: [(plot) => this.#showValues(plot.cursor.idx)] },
    };
  }

  /** Writes the values under the cursor into the legend, otherwise the last ones. */
  #showValues(index) {
    const values = index == null ? this.last : [2, 3].map((series) => nearest(this.values[series], index));
    this.outputs.forEach((output, series) => { output.textContent = formatMetric(this.metric, values[series]); });
  }
}

/** The dot under the cursor; the faint raw curve has none. */
function hoverPoint(_, series) {
  if (series === 1) return null;
  const point = document.createElement("div");
  Object.assign(point.style, { width: "7px", height: "7px", marginLeft: "-3.5px", marginTop: "-3.5px" });
  return point;
}

/** The last known value at or before `index`: the series do not share all their x. */
function nearest(values, index) {
  for (let at = index; at >= 0; at -= 1) if (values[at] != null) return values[at];
  return null;
}
