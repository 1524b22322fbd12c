/**
 * From ink on a canvas to MNIST's format: the digit is scaled to fit 20 x 20 (longer side, aspect ratio kept, area
 * averaging), and its centre of mass is placed in the middle of 28 x 28.
 */
const size = 28;
const box = 20;

/** The ink's bounds [left, top, right, bottom) and centre of mass, in pixels; null for an empty picture. */
export function measureInk(ink, width, height) {
  let left = width, top = height, right = 0, bottom = 0, mass = 0, sumX = 0, sumY = 0;
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const value = ink[y * width + x];
      if (value < 8) continue; // the faint rim of antialiasing
      left = Math.min(left, x);
      right = Math.max(right, x + 1);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y + 1);
      mass += value;
      sumX += value * (x + 0.5);
      sumY += value * (y + 0.5);
    }
  }
  return mass ? { left, top, right, bottom, centreX: sumX / mass, centreY: sumY / mass } : null;
}

/**
 * `ink`: width * height values 0..255 (0 is empty paper). Returns Float32Array(784), row-major, 0..1 (1 is ink).
 * All zeros if there is no ink.
 */
export function normalizeDigit(ink, width, height) {
  const result = new Float32Array(size * size);
  const found = measureInk(ink, width, height);
  if (!found) return result;
  const scale = box / Math.max(found.right - found.left, found.bottom - found.top);
  const columns = coverage(origin(found.centreX, found.left, found.right, scale), scale, width);
  const rows = coverage(origin(found.centreY, found.top, found.bottom, scale), scale, height);
  const area = 255 / (scale * scale);
  rows.forEach((rowWeights, row) => {
    columns.forEach((columnWeights, column) => {
      let sum = 0;
      for (const [y, inY] of rowWeights) for (const [x, inX] of columnWeights) sum += ink[y * width + x] * inY * inX;
      result[row * size + column] = Math.min(1, sum / area);
    });
  });
  return result;
}

/** The start of the 28 pixels on the source's axis: the centre of mass in the middle, but no ink left outside. */
function origin(centre, low, high, scale) {
  const span = size / scale;
  return Math.min(low, Math.max(high - span, centre - span / 2));
}

/** For each of the 28 target pixels: the source pixels that it covers, with the fraction of each (0..1). */
function coverage(start, scale, length) {
  return Array.from({ length: size }, (_, index) => {
    const from = start + index / scale, to = start + (index + 1) / scale;
    const covered = [];
    for (let at = Math.max(0, Math.floor(from)); at < Math.min(length, Math.ceil(to)); at += 1) {
      covered.push([at, Math.min(at + 1, to) - Math.max(at, from)]);
    }
    return covered;
  });
}

/** Scores to probabilities: unchanged if they are some already, otherwise by softmax. */
export function toProbabilities(scores) {
  const sum = scores.reduce((total, score) => total + score, 0);
  if (scores.every((score) => score >= 0) && Math.abs(sum - 1) < 1e-3) return Array.from(scores);
  const highest = Math.max(...scores);
  const powers = Array.from(scores, (score) => Math.exp(score - highest));
  const total = powers.reduce((one, other) => one + other, 0);
  return powers.map((power) => power / total);
}
