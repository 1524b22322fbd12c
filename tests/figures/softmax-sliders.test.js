import assert from "node:assert/strict";
import { test } from "node:test";
import { crossEntropy, slopes, softmax } from "../../static/figures/softmax-sliders.js";

const near = (actual, expected, tolerance = 1e-9) => assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not near ${expected}`);

test("the scores 2, 1, 0 of the lesson give 0.665, 0.245 and 0.090", () => {
  softmax([2, 1, 0]).forEach((p, i) => near(p, [0.66524, 0.24473, 0.09003][i], 5e-6));
});

test("probabilities sum to one, also for scores that would overflow", () => {
  for (const logits of [[0, 0, 0], [1000, 999, -1000], [-5, 3, 0.5]]) near(softmax(logits).reduce((a, b) => a + b), 1);
});

test("adding the same number to every score changes nothing", () => {
  softmax([7, 6, 5]).forEach((p, i) => near(p, softmax([2, 1, 0])[i]));
  near(crossEntropy([7, 6, 5], 1), crossEntropy([2, 1, 0], 1));
});

test("a high temperature flattens, a low one sharpens", () => {
  assert.ok(softmax([2, 1, 0], 5)[0] < softmax([2, 1, 0])[0]);
  assert.ok(softmax([2, 1, 0], 0.1)[0] > 0.9999);
});

test("the loss is minus the logarithm of the true class's probability", () => {
  for (const truth of [0, 1, 2]) near(crossEntropy([2, 1, 0], truth, 2), -Math.log(softmax([2, 1, 0], 2)[truth]));
});

test("ten equal scores cost ln 10", () => { near(crossEntropy(Array(10).fill(3), 4), Math.log(10)); });

test("the loss stays finite where the probability underflows", () => { near(crossEntropy([1000, 0], 1), 1000); });

test("two classes give the sigmoid of the difference", () => { near(softmax([1.5, -0.5])[0], 1 / (1 + Math.exp(-2))); });

test("the slopes p - y sum to zero and match a numeric derivative of the loss", () => {
  const logits = [0.3, -1.2, 2], slope = slopes(softmax(logits), 1), nudge = 1e-5;
  near(slope.reduce((a, b) => a + b), 0);
  slope.forEach((value, i) => {
    const up = logits.map((z, j) => z + (i === j ? nudge : 0)), down = logits.map((z, j) => z - (i === j ? nudge : 0));
    near(value, (crossEntropy(up, 1) - crossEntropy(down, 1)) / (2 * nudge), 1e-8);
  });
});
