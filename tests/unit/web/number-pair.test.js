import assert from "node:assert/strict";
import { test } from "node:test";

import { scaleOf, tidy } from "../../../static/js/number-pair.js";

test("a slider over decades moves in logarithms", () => {
  const scale = scaleOf({ minimum: 0.00001, maximum: 10, step: 0 });
  assert.equal(scale.toValue(0.5), 0.01);
  assert.equal(scale.toShare(0.01), 0.5);
});

test("a slider over whole numbers gives whole numbers, over decades too", () => {
  assert.equal(scaleOf({ minimum: 1, maximum: 20, step: 1 }).toValue(0.5), 11);
  const batch = scaleOf({ minimum: 8, maximum: 1024, step: 1 });
  for (let share = 0; share <= 1; share += 0.1) assert.ok(Number.isInteger(batch.toValue(share)));
});

test("both ends are reached exactly and nothing lies outside", () => {
  for (const bounds of [{ minimum: 0, maximum: 0.9, step: 0 }, { minimum: 1e-5, maximum: 10, step: 0 }, { minimum: 8, maximum: 1024, step: 1 }]) {
    const scale = scaleOf(bounds);
    assert.equal(scale.toValue(0), bounds.minimum);
    assert.equal(scale.toValue(1), bounds.maximum);
    assert.equal(scale.toShare(bounds.maximum * 5), 1);
  }
});

test("a step is kept to", () => {
  const scale = scaleOf({ minimum: 0, maximum: 1, step: 0.1 });
  assert.equal(scale.toValue(0.33), 0.3);
});

test("values are tidied to three digits without an exponent's noise", () => {
  assert.equal(tidy(0.000316227), 0.000316);
});
