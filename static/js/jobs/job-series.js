/**
 * The state of a run on a job page: pure data, no DOM. Fed by the server's initial data and then by events, in any
 * order and possibly twice (a reconnected stream replays); points are identified by step, epochs by number.
 */
export class Run {
  constructor({ state, phase = null, epochs = 0, steps_per_epoch: stepsPerEpoch = 0, points = [], epoch_records: records = [], previous = [], bands = [] }) {
    Object.assign(this, { state, phase, epochs, stepsPerEpoch, previous, bands });
    this.points = new Map(points.map((point) => [point.step, point]));
    this.records = new Map(records.map((record) => [record.epoch, record]));
    this.seen = []; // [seconds, step] of live points, for measuring the speed
  }

  /** Apply one event. Returns false if it changes nothing. `now` is in seconds. */
  apply(type, data, now = performance.now() / 1000) {
    switch (type) {
      case "phase": return this.#phase(data);
      case "points": return this.#points(data.points, now);
      case "epoch": return this.#epoch(data);
      case "rewind": return this.#rewind(data);
      case "state": return this.#state(data.state);
      default: return false;
    }
  }

  #phase({ phase, epochs, steps_per_epoch: stepsPerEpoch }) {
    this.phase = phase;
    this.epochs = epochs || this.epochs;
    this.stepsPerEpoch = stepsPerEpoch || this.stepsPerEpoch;
    if (this.state === "queued") this.state = "running";
    return true;
  }

  #points(points, now) {
    const fresh = points.filter(({ step }) => !this.points.has(step));
    for (const point of fresh) this.points.set(point.step, point);
    if (fresh.length) {
      this.seen.push([now, Math.max(...fresh.map(({ step }) => step))]);
      this.seen = this.seen.filter(([time]) => now - time < 30);
    }
    return fresh.length > 0;
  }

  /** An epoch may include its stored points (a page that reconnected did not see them live). */
  #epoch({ points = [], ...record }) {
    const fresh = points.filter(({ step }) => !this.points.has(step));
    for (const point of fresh) this.points.set(point.step, point);
    if (this.records.has(record.epoch)) return fresh.length > 0;
    this.records.set(record.epoch, record);
    return true;
  }

  #rewind({ step, epoch }) {
    for (const known of this.points.keys()) if (known > step) this.points.delete(known);
    for (const known of this.records.keys()) if (known > epoch) this.records.delete(known);
    this.seen = [];
    return true;
  }

  #state(state) {
    const changed = state !== this.state;
    this.state = state;
    return changed;
  }

  get ended() { return ["succeeded", "failed", "cancelled"].includes(this.state); }

  /** The last completed step known. */
  get step() {
    const fromEpochs = Math.max(0, ...this.records.keys()) * this.stepsPerEpoch;
    return Math.max(fromEpochs, ...this.points.keys());
  }

  get totalSteps() { return this.epochs * this.stepsPerEpoch; }

  /** The training's progress, 0..1. */
  get fraction() { return this.totalSteps ? Math.min(1, this.step / this.totalSteps) : 0; }

  /** The current epoch, 1-based. */
  get currentEpoch() {
    if (!this.stepsPerEpoch) return 0;
    return Math.min(this.epochs, Math.floor(this.step / this.stepsPerEpoch) + 1);
  }

  /** Seconds until the last epoch ends, by the measured speed; null without a measurement. */
  get secondsLeft() {
    const left = this.totalSteps - this.step;
    if (left <= 0) return null;
    const recent = this.sortedRecords.slice(-3).map(({ seconds }) => seconds).filter((seconds) => seconds > 0);
    if (recent.length) return (left / this.stepsPerEpoch) * (recent.reduce((sum, each) => sum + each, 0) / recent.length);
    const [first, last] = [this.seen[0], this.seen.at(-1)];
    if (!first || last[0] - first[0] < 1.5) return null;
    return (left * (last[0] - first[0])) / (last[1] - first[1]);
  }

  get sortedRecords() { return [...this.records.values()].sort((one, other) => one.epoch - other.epoch); }

  /** True if the run reports this metric at all (a regression has no accuracy). */
  has(metric) {
    const speaksOf = ({ metrics }) => metric in metrics || `val_${metric}` in metrics;
    return [...this.points.values()].some(speaksOf) || [...this.records.values()].some(speaksOf);
  }

  /** Tables ([xs, ys] in epochs) for a chart: single batches by step; by epoch its mean, its validation, and the previous run's. */
  series(metric) {
    const points = this.stepsPerEpoch ? [...this.points.values()].sort((one, other) => one.step - other.step) : [];
    const records = this.sortedRecords;
    const table = (of, name) => {
      const measured = of.filter(({ metrics }) => name in metrics);
      return [measured.map(({ epoch }) => epoch), measured.map(({ metrics }) => metrics[name])];
    };
    return {
      batches: [points.map(({ step }) => step / this.stepsPerEpoch), points.map(({ metrics }) => metrics[metric] ?? null)],
      training: table(records, metric),
      validation: table(records, `val_${metric}`),
      previous: table(this.previous, this.previous.some(({ metrics }) => `val_${metric}` in metrics) ? `val_${metric}` : metric),
    };
  }
}

/** The epoch with the least loss, or the highest of any other metric; null if nothing is finite. */
export function bestRecord(metric, [epochs, values]) {
  const known = epochs.map((epoch, index) => ({ epoch, value: values[index] })).filter(({ value }) => Number.isFinite(value));
  const isBetter = metric.endsWith("loss") ? (one, other) => one.value < other.value : (one, other) => one.value > other.value;
  return known.reduce((best, each) => (best && !isBetter(each, best) ? best : each), null);
}

/** "Epoch {epoch} of {epochs}" with its values filled in. */
export function fill(template, values) {
  return template.replace(/\{(\w+)\}/g, (whole, key) => (key in values ? String(values[key]) : whole));
}

/** 0.98734 -> "98.7%"; 12.3456 -> "12.35"; null -> "–". */
export function formatMetric(metric, value) {
  if (value == null || !Number.isFinite(value)) return "–";
  if (metric.endsWith("accuracy")) return `${(100 * value).toFixed(1)}%`;
  if (value !== 0 && (Math.abs(value) >= 10_000 || Math.abs(value) < 0.001)) return value.toExponential(2);
  return value.toFixed(Math.abs(value) >= 100 ? 1 : Math.abs(value) >= 10 ? 2 : 3);
}

/** Seconds as text: `texts` has seconds "{n} s", minutes "{m} min {s} s", hours "{h} h {m} min". */
export function formatSeconds(seconds, texts) {
  const whole = Math.max(1, Math.round(seconds));
  if (whole < 60) return fill(texts.seconds, { n: whole });
  if (whole < 3600) return fill(texts.minutes, { m: Math.floor(whole / 60), s: whole % 60 });
  return fill(texts.hours, { h: Math.floor(whole / 3600), m: Math.floor((whole % 3600) / 60) });
}
