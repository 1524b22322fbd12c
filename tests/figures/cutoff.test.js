import assert from "node:assert/strict";
import { test } from "node:test";

import { SETS, STOPS, along, cells, cost, f1, precision, recall } from "../../static/figures/cutoff.js";

const close = (a, b) => assert.ok(Math.abs(a - b) < 5e-4, `${a} is not ${b}`);

test("each set holds 114 lumps", () => {
  assert.deepEqual([SETS.val.malignant.length, SETS.val.benign.length], [39, 75]);
  assert.deepEqual([SETS.test.malignant.length, SETS.test.benign.length], [47, 67]);
});

test("at 0.5 the test set gives the matrix that the lesson counts by hand", () => {
  const counts = cells(SETS.test, 5000);
  assert.deepEqual(counts, { caught: 43, missed: 4, alarms: 1, right: 66 });
  close(recall(counts), 0.915);
  close(precision(counts), 0.977);
  close(f1(counts), 0.945);
  assert.equal(cost(counts, 20), 81);
});

test("the thresholds of the lesson's table miss and alarm as it says", () => {
  const table = { val: [[500, 0, 7], [1000, 0, 4], [2000, 0, 3], [5000, 3, 0], [9000, 7, 0]],
    test: [[500, 0, 9], [1000, 2, 6], [2000, 3, 2], [5000, 4, 1], [9000, 7, 0]] };
  for (const [set, rows] of Object.entries(table)) {
    for (const [threshold, missed, alarms] of rows) {
      const counts = cells(SETS[set], threshold);
      assert.deepEqual([counts.missed, counts.alarms], [missed, alarms], `${set} ${threshold}`);
    }
  }
});

test("at 20 to 1 the validation set chooses 0.2, which is not the best for the test set", () => {
  const best = (set) => STOPS.map((stop) => [cost(cells(SETS[set], stop), 20), stop]).sort((a, b) => a[0] - b[0])[0];
  assert.deepEqual(best("val").slice(0, 1), [3]);
  assert.equal(cost(cells(SETS.val, 2000), 20), 3);
  assert.equal(cost(cells(SETS.test, 2000), 20), 62);
  assert.ok(best("test")[0] < 62);
});

test("a lower threshold never catches fewer and never alarms less", () => {
  for (const set of Object.values(SETS)) {
    for (let i = 1; i < STOPS.length; i++) {
      const low = cells(set, STOPS[i - 1]), high = cells(set, STOPS[i]);
      assert.ok(low.caught >= high.caught && low.alarms >= high.alarms);
    }
  }
});

test("the axis rises from end to end with one half in the middle", () => {
  assert.equal(along(5000), 0.5);
  assert.ok(along(0) >= 0 && along(10000) <= 1 && along(100) < along(1000));
});

test("of the 3,149 pairs of the test set 3,133 are in the right order", () => {
  const { malignant, benign } = SETS.test;
  const pairs = malignant.flatMap((high) => benign.map((low) => high > low));
  assert.deepEqual([pairs.length, pairs.filter(Boolean).length], [3149, 3133]);
});
