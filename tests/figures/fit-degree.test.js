import assert from "node:assert/strict";
import { test } from "node:test";
import { ASIDE, DEGREES, READINGS, TEN, bestDegree, error, fit, predict } from "../../static/figures/fit-degree.js";

const near = (actual, expected, tolerance) => assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not near ${expected}`);
const errors = (readings, degree, penalty) => { const weights = fit(readings, degree, penalty); return [error(weights, readings), error(weights, ASIDE)]; };

test("the errors are those of NumPy's Polynomial.fit", () => {
  const train = [12.093, 4.056, 1.471, 1.263, 1.253, 0.96, 0.011, 0.009, 0];
  const aside = [8.712, 3.817, 1.134, 1.23, 1.243, 2.165, 4.88, 5.145, 9.451];
  DEGREES.forEach((degree, i) => {
    near(errors(TEN, degree)[0], train[i], 6e-4);
    near(errors(TEN, degree)[1], aside[i], 6e-4);
  });
});

test("degree 9 passes through all ten readings and misses the five put aside", () => {
  const weights = fit(TEN, 9);
  for (const [hour, y] of TEN) near(predict(weights, hour), y, 1e-7);
  near(predict(weights, 20), 27.8, 0.05);
});

test("degree 1 is the line that climbs 0.433 degrees an hour", () => {
  const weights = fit(TEN, 1);
  near(predict(weights, 12), 21.9, 1e-9);
  near(predict(weights, 13) - predict(weights, 12), 0.43333, 1e-5);
});

test("the smallest error on the readings put aside chooses degree 3, with ten readings and with 28", () => {
  assert.equal(bestDegree(TEN), 3);
  assert.equal(bestDegree(READINGS[28]), 3);
});

test("more readings tame degree 9", () => {
  const [train, aside] = errors(READINGS[28], 9);
  near(train, 0.79, 0.005);
  near(aside, 1.56, 0.005);
});

test("no reading put aside is a training reading", () => {
  for (const [hour] of ASIDE) assert.ok(!READINGS[28].some(([other]) => other === hour));
});

test("a penalty gives what the normal equations give, and shrinks the weights", () => {
  const [train, aside] = errors(TEN, 9, 0.001);
  near(train, 1.225, 6e-4);
  near(aside, 1.257, 6e-4);
  near(errors(TEN, 9, 1)[1], 11.641, 6e-4);
  const size = (penalty) => fit(TEN, 9, penalty).slice(1).reduce((sum, w) => sum + w * w, 0);
  near(size(0.001), 298.9, 0.1);
  assert.ok(size(0) > 50_000 && size(1) < 3);
});
