import assert from "node:assert/strict";
import { test } from "node:test";
import { DAYS, crossEntropy, daySurprise, parseForecasts, showNumber, surprise } from "../../static/figures/surprise.js";

const near = (actual, expected) => assert.ok(Math.abs(actual - expected) < 1e-9, `${actual} is not ${expected}`);

test("a sure thing surprises nobody and an impossible one endlessly", () => {
  assert.equal(surprise(1), 0);
  assert.equal(surprise(0), Infinity);
});

test("the lesson's numbers: 0.9 gives 0.105, 0.5 gives 0.693, 0.1 gives 2.303", () => {
  assert.deepEqual([0.9, 0.5, 0.1].map((p) => surprise(p).toFixed(3)), ["0.105", "0.693", "2.303"]);
});

test("surprises of independent events add where their probabilities multiply", () => near(surprise(0.5 * 0.2), surprise(0.5) + surprise(0.2)));

test("a dry day is scored with the probability that was left for dry", () => {
  near(daySurprise(0.9, true), -Math.log(0.9));
  near(daySurprise(0.9, false), -Math.log(1 - 0.9));
});

test("saying 50% every day costs ln 2 whatever the weather", () => near(crossEntropy(DAYS.map(() => 0.5)), Math.LN2));

test("one certain forecast that fails makes the mean infinite", () => assert.equal(crossEntropy([0.9, 0.1, 1]), Infinity));

test("no forecasts yet means no surprise yet", () => assert.equal(crossEntropy([]), 0));

test("a page address is read back as forecasts, and what is no percentage is dropped", () => {
  assert.deepEqual(parseForecasts("70_5_100"), [0.7, 0.05, 1]);
  assert.deepEqual(parseForecasts(""), []);
  assert.deepEqual(parseForecasts("70_x_-3_101_20"), [0.7, 0.2]);
  assert.equal(parseForecasts(Array(20).fill("50").join("_")).length, DAYS.length);
});

test("both kinds of weather occur, and each morning has a hint in both languages", () => {
  assert.equal(new Set(DAYS.map((day) => day.rain)).size, 2);
  for (const day of DAYS) assert.ok(day.zh && day.en);
});

test("infinity is shown as a sign, not as a word", () => assert.deepEqual([showNumber(Infinity), showNumber(0.105)], ["∞", "0.10"]));
