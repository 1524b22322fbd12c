import assert from "node:assert/strict";
import { test } from "node:test";
import { NOTHING, PENS, TRUTH, bestMask, movedRight, readMask, scores, stroked } from "../../static/figures/paint-mask.js";

const near = (value, wanted) => assert.ok(Math.abs(value - wanted) < 1e-12, `${value}, not ${wanted}`);

test("a lawn without a hedgehog is right for eleven of twelve pixels and has an IoU of 0", () => {
  const found = scores(NOTHING);
  near(found.accuracy, 132 / 144);
  assert.equal(found.iou, 0);
  assert.equal(found.missed, 12);
});

test("two cells to the right is as accurate as nothing at all, but not as good", () => {
  const one = scores(movedRight(TRUTH)), two = scores(movedRight(movedRight(TRUTH)));
  assert.deepEqual([one.both, one.extra, one.missed], [9, 3, 3]);
  near(one.iou, 9 / 15);
  near(two.accuracy, scores(NOTHING).accuracy);
  near(two.iou, 6 / 18);
});

test("the coarser the pen, the lower its best IoU: 1, 10/14 and 9/35", () => {
  const best = PENS.map((pen) => scores(bestMask(pen)).iou);
  near(best[0], 1);
  near(best[1], 10 / 14);
  near(best[2], 9 / 35);
  assert.equal(bestMask(1), TRUTH);
  assert.ok(scores(bestMask(4)).accuracy < scores(NOTHING).accuracy);
});

test("no painting of four-by-four squares beats the best", () => {
  const corners = [0, 4, 8].flatMap((row) => [0, 4, 8].map((column) => row * 12 + column));
  for (let choice = 0; choice < 512; choice++) {
    const mask = corners.reduce((before, corner, i) => ((choice >> i) & 1 ? stroked(before, corner, 4, "1") : before), NOTHING);
    assert.ok(scores(mask).iou <= scores(bestMask(4)).iou + 1e-12);
  }
});

test("a square is painted and wiped, and nonsense in an address paints nothing", () => {
  const painted = stroked(NOTHING, 13, 2, "1");
  assert.equal([...painted].filter((each) => each === "1").length, 4);
  assert.equal(stroked(painted, 0, 2, "0"), NOTHING);
  assert.equal(readMask("<script>"), NOTHING);
  assert.equal(readMask(TRUTH), TRUTH);
});
