import assert from "node:assert/strict";
import { test } from "node:test";

import { FEATURES, countErrors, isVirginica, learn, tryAll, winner } from "../../static/figures/threshold.js";

test("the six flowers of the lesson give the errors worked out by hand", () => {
  const flowers = [[40, 45, 49], [48, 51, 56]];
  assert.deepEqual(tryAll(flowers).map((one) => [one.threshold, one.errors]), [[4.25, 2], [4.65, 1], [4.85, 2], [5, 1], [5.35, 2]]);
});

test("of equally good thresholds the one in the widest gap is chosen", () => {
  assert.equal(learn([[40, 45, 49], [48, 51, 56]]).threshold, 4.65);
});

test("a flower exactly on the line counts as versicolor, whatever the rounding of floats", () => {
  assert.equal(isVirginica(47, 4.7), false);
  assert.equal(isVirginica(47, 4.65), true);
  assert.equal(isVirginica(29, 0.1 + 2.8), false);
});

test("missed flowers and false alarms are counted apart", () => {
  assert.deepEqual(countErrors([[40, 45, 49], [48, 51, 56]], 4.85), { falseAlarms: 1, missed: 1, total: 2 });
});

test("no threshold beats the learned one on the training flowers", () => {
  for (const { train, from, to } of Object.values(FEATURES)) {
    const best = learn(train).errors;
    for (let t = from; t <= to; t += 0.01) assert.ok(countErrors(train, t).total >= best);
  }
});

test("each half holds 25 flowers of each species, all of them on the axis", () => {
  for (const { train, fresh, from, to, start } of Object.values(FEATURES)) {
    for (const species of [...train, ...fresh]) {
      assert.equal(species.length, 25);
      assert.ok(species.every((value) => value / 10 >= from && value / 10 <= to));
    }
    assert.ok(start > from && start < to);
  }
});

test("the learned lines make the errors that the lesson states", () => {
  const state = (feature) => {
    const { train, fresh } = FEATURES[feature], best = learn(train);
    return [best.threshold, best.errors, countErrors(fresh, best.threshold).total];
  };
  assert.deepEqual(state("petal-length"), [4.95, 3, 5]);
  assert.deepEqual(state("petal-width"), [1.65, 2, 4]);
  assert.deepEqual(state("sepal-width"), [2.95, 20, 17]);
});

test("a line that is worse in training may win on new flowers", () => {
  assert.ok(countErrors(FEATURES["petal-length"].train, 4.8).total > learn(FEATURES["petal-length"].train).errors);
  assert.equal(winner("petal-length", 4.8), "me");
  assert.equal(winner("petal-length", 4.95), "tie");
  assert.equal(winner("petal-length", 4.2), "machine");
});
