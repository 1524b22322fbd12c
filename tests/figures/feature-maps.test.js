import assert from "node:assert/strict";
import { test } from "node:test";

import { featureMap, firing, isUsable } from "../../static/figures/feature-maps.js";
import { EXAMPLE } from "../../static/figures/feature-maps/example.js";

test("a kernel for vertical edges answers on the left of a line and is silent on its right", () => {
  const picture = new Float32Array(784);
  for (let row = 0; row < 28; row += 1) picture[row * 28 + 14] = 1;
  const map = featureMap(picture, [-1, 0, 1, -1, 0, 1, -1, 0, 1], 0);
  assert.equal(map.length, 676);
  assert.equal(map[12], 3); // the line is in the right column of the window
  assert.equal(map[13], 0);
  assert.equal(map[14], 0); // and -3 in the left one
  assert.equal(firing(map), 1 / 26);
});

test("a bias is added to every cell", () => {
  assert.ok(featureMap(new Float32Array(784), new Array(9).fill(1), 0.5).every((value) => value === 0.5));
});

test("only complete weights are used", () => {
  assert.ok(isUsable(EXAMPLE));
  for (const broken of [null, {}, { kernels: [], biases: [] }, { kernels: [[1]], biases: [0] }, { kernels: [new Array(9).fill(0)], biases: [] }, { kernels: [new Array(9).fill(null)], biases: [0] }]) {
    assert.ok(!isUsable(broken), JSON.stringify(broken));
  }
});
