import assert from "node:assert/strict";
import { test } from "node:test";

import { measureInk, normalizeDigit, toProbabilities } from "../../../static/js/jobs/normalize-digit.js";

const size = 28;

/** A picture of `width` x `height` with a filled rectangle of full ink. */
function rectangle(width, height, left, top, right, bottom) {
  const ink = new Uint8ClampedArray(width * height);
  for (let y = top; y < bottom; y += 1) for (let x = left; x < right; x += 1) ink[y * width + x] = 255;
  return ink;
}

/** Bounds and centre of mass of the 28 x 28 result, in its own pixels. */
function measure(values) {
  return measureInk(values.map((value) => value * 255), size, size);
}

test("empty paper stays empty", () => {
  const values = normalizeDigit(new Uint8ClampedArray(100 * 100), 100, 100);
  assert.equal(values.length, 784);
  assert.ok(values.every((value) => value === 0));
});

test("the longer side becomes 20 pixels and the aspect is kept", () => {
  const found = measure(normalizeDigit(rectangle(280, 280, 30, 10, 90, 250), 280, 280)); // 60 x 240
  assert.equal(found.bottom - found.top, 20);
  assert.equal(found.right - found.left, 6); // 5 pixels wide, centred between pixels: its rims lie in six columns
});

test("the centre of mass comes to the middle, wherever the digit was drawn", () => {
  for (const [x, y] of [[0, 0], [200, 30], [90, 200]]) {
    const found = measure(normalizeDigit(rectangle(280, 280, x, y, x + 40, y + 80), 280, 280));
    assert.ok(Math.abs(found.centreX - 14) < 0.01, `centre ${found.centreX} of a digit at ${x}`);
    assert.ok(Math.abs(found.centreY - 14) < 0.01, `centre ${found.centreY} of a digit at ${y}`);
  }
});

test("a digit that was drawn smaller gives the same picture", () => {
  const large = normalizeDigit(rectangle(280, 280, 40, 40, 120, 240), 280, 280);
  const small = normalizeDigit(rectangle(280, 280, 100, 7, 140, 107), 280, 280);
  large.forEach((value, index) => assert.ok(Math.abs(value - small[index]) < 1e-6));
});

test("shrinking averages areas, so that the ink's share is kept", () => {
  const stripes = new Uint8ClampedArray(200 * 200); // every second column: half ink
  for (let y = 0; y < 200; y += 1) for (let x = 0; x < 200; x += 2) stripes[y * 200 + x] = 255;
  const values = normalizeDigit(stripes, 200, 200);
  assert.ok(Math.abs(values[14 * size + 14] - 0.5) < 0.06);
});

test("ink far from its centre of mass is not pushed out of the picture", () => {
  const ink = rectangle(300, 300, 0, 0, 60, 60); // a heavy head ...
  for (let x = 60; x < 300; x += 1) ink[150 * 300 + x] = 255; // ... and a long thin tail
  for (let y = 60; y < 150; y += 1) ink[y * 300 + 30] = 255;
  const found = measure(normalizeDigit(ink, 300, 300));
  assert.ok(found.left >= 0 && found.right <= 28);
  assert.equal(found.right - found.left, 20);
});

test("values lie between 0 and 1", () => {
  const values = normalizeDigit(rectangle(10, 10, 2, 2, 5, 9), 10, 10);
  assert.ok(values.every((value) => value >= 0 && value <= 1));
  assert.ok(Math.max(...values) > 0.99);
});

test("probabilities stay as they are and scores become probabilities", () => {
  assert.deepEqual(toProbabilities([0.25, 0.75]), [0.25, 0.75]);
  const [first, second] = toProbabilities([0, Math.log(3)]);
  assert.ok(Math.abs(first - 0.25) < 1e-12 && Math.abs(second - 0.75) < 1e-12);
  assert.ok(Math.abs(toProbabilities([1000, 0])[0] - 1) < 1e-12); // no overflow
});
