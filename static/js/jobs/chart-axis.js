/**
 * The axes of every chart: scale, range, and tick labels, for any values a training produces.
 * uPlot's own ticks are not used: they fail beyond 17 digits, and if a range is too narrow or too wide for its steps.
 */
const room = 34; // pixels between two labels
const exactPowers = 9;
const least = 1e-300; // numbers this small lose digits

/**
 * The vertical axis of `values` (null for missing ones): `to` maps a value onto it; `range` and `ticks` are in its own units,
 * `labels` are the tick labels. A loss that spans more than three decades gets a logarithmic axis; very large or very small
 * values are scaled by a power of ten. `isLog` chooses one of them, where the values allow it.
 */
export function verticalAxis(metric, values, height = 200, isLog = undefined) {
  const known = values.filter((value) => Number.isFinite(value));
  const most = Math.max(2, Math.floor(height / room));
  if (metric.endsWith("accuracy") && known.every((value) => value >= 0 && value <= 1)) return shareAxis(known, most);
  const canLog = known.length > 0 && extremes(known)[0] > 0;
  return (isLog === undefined ? wantsLogarithm(values) : isLog && canLog) ? decadeAxis(known, most) : linearAxis(known, most);
}

/** The ticks from 0 to `epochs`: whole epochs, as many as fit in `width`. */
export function epochTicks(epochs, width) {
  const most = Math.max(2, Math.floor(width / 48));
  return ticksWithin(0, epochs, Math.max(1, niceStep(epochs / most)));
}

/** A loss that spans more than three decades has diverged, and the curve should show how. */
export function wantsLogarithm(values) {
  const known = values.filter((value) => Number.isFinite(value));
  const [low, high] = extremes(known);
  return known.length > 1 && low > 0 && high / low > 1000;
}

/** The starting accuracy is of interest; the end is at 1. */
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

/** Not Math.min(...values), which fails for a hundred thousand arguments. */
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

/** value times 10 to the `exponent`, computed on decimals so that 3 stays 3. */
function shifted(value, exponent) {
  const [digits, power = "0"] = value.toExponential().split("e");
  return Number(`${digits}e${Number(power) + exponent}`);
}

function shortNumber(value) {
  const size = Math.abs(value);
  if (size >= 1e5 || (size > 0 && size < 1e-3)) return value.toExponential().replace(/(\.\d\d)\d+/, "$1");
  return String(Number(value.toPrecision(3)));
}
