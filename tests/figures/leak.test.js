import assert from "node:assert/strict";
import { test } from "node:test";
import { COLUMNS, DRAWS, exam, exams } from "../../static/figures/leak.js";

test("columns chosen by all rows let noise be learned, the more the more there are", () => {
  const means = COLUMNS.map((columns) => exams(columns, true).mean);
  assert.ok(means.at(-1) > 0.83 && means.at(-1) < 0.93, String(means));
  assert.ok(means.at(-1) > means[2] && means[2] > means[0]);
});

test("columns chosen by the training rows alone leave the test at guessing", () => {
  for (const columns of COLUMNS) {
    const { mean } = exams(columns, false);
    assert.ok(Math.abs(mean - 0.5) < 0.08, `${columns}: ${mean}`);
  }
});

test("the same seed gives the same draw, and with ten columns there is nothing to choose", () => {
  assert.equal(exam(3, 100, true), exam(3, 100, true));
  assert.equal(exams(10, true).all.length, DRAWS);
});
