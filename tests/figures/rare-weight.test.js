import assert from "node:assert/strict";
import { test } from "node:test";
import { SHARE, TRUTH, WEIGHTS, lineOf, picture, scores, weightAt } from "../../static/figures/rare-weight.js";

const over = (pictures) => WEIGHTS.map((_, stop) => scores(pictures, weightAt(stop)));
const balanced = WEIGHTS.indexOf("balanced");

test("the crack has 76 of 960 pixels, and the balanced weight makes it count as much as the road", () => {
  assert.equal(TRUTH.filter(Boolean).length, 76);
  assert.ok(Math.abs(weightAt(balanced) * SHARE - (1 - SHARE)) < 1e-12);
  assert.ok(Math.abs(lineOf(weightAt(balanced)) - 1) < 1e-12, "half-way between the two means");
});

test("a larger weight finds more of the crack and calls more of the road crack", () => {
  const found = over([picture(3)]);
  for (let stop = 1; stop < found.length; stop++) {
    assert.ok(found[stop].recall >= found[stop - 1].recall);
    assert.ok(found[stop].extra >= found[stop - 1].extra);
  }
});

test("over many pictures a small weight has the best IoU, and the balanced one a worse one than none", () => {
  const found = over(Array.from({ length: 60 }, (_, i) => picture(i + 1))).map(({ iou }) => iou);
  assert.ok(found[2] > found[0] + 0.03 && found[2] > found[balanced] + 0.08, String(found));
  assert.ok(found[0] > found[balanced] + 0.03, String(found));
});
