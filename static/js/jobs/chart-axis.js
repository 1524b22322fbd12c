/**
 * The axes of every chart: where values lie, which range is drawn, and the numbers beside it, for whatever a training gives.
 * uPlot chooses no numbers itself: it has none beyond 17 digits, nor where a range is too narrow or too wide for its steps.
 */
const room = 34; // pixels between two numbers
const exactPowers = 9;
const least = 1e-300; // smaller numbers lose their digits

/**
 * The vertical axis of `values` (null where there is none): `to` puts a value on it; `range` and `ticks` are in its own numbers,
 * `labels` what stands beside the ticks. A loss that spans more than three decades has a logarithmic axis; very large or very small
 * values lie on it by a power of ten.
 */
export function verticalAxis(metric, values, height = 200) {
  const known = values.filter((value) => Number.isFinite(value));
  const most = Math.max(2, Math.floor(height / room));
  if (metric.endsWith("accuracy") && known.every((value) => value >= 0 && value <= 1)) return shareAxis(known, most);
  return wantsLogarithm(values) ? decadeAxis(known, most) : linearAxis(known, most);
}

/** The ticks from 0 to `epochs`: whole epochs, as many as `width` has room for. */
export function epochTicks(epochs, width) {
  const most = Math.max(2, Math.floor(width / 48));
  return ticksWithin(0, epochs, Math.max(1, niceStep(epochs / most)));
}

/** A loss that spans more than three decades exploded, and one wants to see how. */
export function wantsLogarithm(values) {
  const known = values.filter((value) => Number.isFinite(value));
  const [low, high] = extremes(known);
  return known.length > 1 && low > 0 && high / low > 1000;
}

/** Where an accuracy starts is of interest; it ends at 1. */
function shareAxis(known, most) {
  const low = known.length ? extremes(known)[0] : 0;
  const range = [Math.max(0, Math.floor((low - 0.02) * 10) / 10), 1];
  const ticks = ticksWithin(...range, niceStep((range[1] - range[0]) / most));
  const same = (value) => value;
  return { logarithmic: false, to: same, range, ticks, labels: ticks.map((tick) => `${Number((100 * tick).toPrecision(3))}%`) };
}

/** Whole decades around the exponents. */
function decadeAxis(known, most) {
  const [low, high] = extremes(known).map(Math.log10);
  const range = [Math.floor(low), Math.max(Math.ceil(high), Math.floor(low) + 1)];
  const ticks = ticksWithin(...range, Math.max(1, niceStep((range[1] - range[0]) / most)));
  return { logarithmic: true, to: Math.log10, range, ticks, labels: ticks.map((tick) => shortNumber(Number(`1e${tick}`))) };
}

/** From zero, so that two losses can be compared by eye. */
function linearAxis(known, most) {
  const [low, high] = known.length ? extremes(known) : [0, 0];
  const highest = Math.max(Math.abs(low), Math.abs(high));
  const exponent = highest > least ? Math.floor(Math.log10(highest)) : 0;
  const moved = Math.abs(exponent) > exactPowers ? exponent : 0;
  const to = moved ? (value) => shifted(value, -moved) : (value) => value;
  const [bottom, top] = [Math.min(0, to(low)), Math.max(0, to(high))];
  const range = highest <= least ? [0, 1] : [1.05 * bottom, 1.05 * top];
  const ticks = ticksWithin(...range, niceStep((range[1] - range[0]) / most));
  return { logarithmic: false, to, range, ticks, labels: ticks.map((tick) => shortNumber(moved ? shifted(tick, moved) : tick)) };
}

/** Not by Math.min(...values): two thousand arguments are fine, a hundred thousand are not. */
function extremes(values) {
  return values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity]);
}

/** The least of 1, 2, 5, 10 … (by any power of ten) that is not less than `least`. */
function niceStep(least) {
  const power = Math.floor(Math.log10(least));
  const digits = shifted(least, -power);
  return shifted([1, 2, 5, 10].find((nice) => digits <= nice * 1.000001), power);
}

/** The multiples of `step` from `low` to `high`. */
function ticksWithin(low, high, step) {
  const first = Math.ceil(low / step - 1e-6), last = Math.floor(high / step + 1e-6);
  return Array.from({ length: last - first + 1 }, (_, index) => Number(((first + index) * step).toPrecision(12)) + 0);
}

/** value times 10 to the `exponent`, written in decimals so that 3 stays 3. */
function shifted(value, exponent) {
  const [digits, power = "0"] = value.toExponential().split("e");
  return Number(`${digits}e${Number(power) + exponent}`);
}

function shortNumber(value) {
  const size = Math.abs(value);
  if (size >= 1e5 || (size > 0 && size < 1e-3)) return value.toExponential().replace(/(\.\d\d)\d+/, "$1");
  return String(Number(value.toPrecision(3)));
}
