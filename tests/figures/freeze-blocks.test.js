import assert from "node:assert/strict";
import { test } from "node:test";
import { BLOCKS, LEARNING, MEASURED, PICTURES, THAWED, best, perPicture } from "../../static/figures/freeze-blocks.js";

// Kernel, filters and how many times wider, of EfficientNet-Lite0's blocks.
const STAGES = [[1, 3, 1, 16], [2, 3, 6, 24], [2, 5, 6, 40], [3, 3, 6, 80], [3, 5, 6, 112], [4, 5, 6, 192], [1, 3, 6, 320]];

test("the numbers that learn are the head's and the convolutions' of the thawed blocks", () => {
  let channels = 32;
  const blocks = STAGES.flatMap(([repeats, kernel, wider, filters]) => Array.from({ length: repeats }, () => {
    const inside = channels * wider, widening = wider > 1 ? channels * inside : 0;
    channels = filters;
    return widening + kernel * kernel * inside + inside * filters;
  }));
  assert.equal(blocks.length, BLOCKS);
  const head = 1280 * 5 + 5, last = 320 * 1280;
  assert.deepEqual(LEARNING, THAWED.map((thawed) => head + (thawed ? last : 0) + blocks.slice(BLOCKS - thawed).reduce((sum, size) => sum + size, 0)));
  assert.equal(perPicture(0), Math.round(head / PICTURES));
});

test("with no block thawed the manner makes no difference, and every accuracy counts whole pictures of 86", () => {
  assert.equal(MEASURED.once[0], MEASURED.gentle[0]);
  for (const values of Object.values(MEASURED)) {
    assert.equal(values.length, THAWED.length);
    for (const value of values) assert.ok(Math.abs((value * 86) / 1000 - Math.round((value * 86) / 1000)) < 0.05, `${value}`);
  }
});

test("the best is what the figure names", () => {
  for (const manner of Object.keys(MEASURED)) {
    const highest = Math.max(...MEASURED[manner]);
    assert.deepEqual(best(manner), THAWED.filter((thawed) => MEASURED[manner][thawed] === highest));
  }
});
