import assert from "node:assert/strict";
import { test } from "node:test";
import { POINTS, best, bowlShape, descend, gradient, limitRate, loss, standardise, tidy, toRaw, toStandard } from "../../static/figures/line-and-bowl.js";

const near = (actual, expected, tolerance = 1e-9) => assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not within ${tolerance} of ${expected}`);
const STANDARD = standardise(POINTS);

function walk(points, rate, count) {
  let place = [0, 0];
  for (let i = 0; i < count; i += 1) place = descend(points, place, rate);
  return loss(points, ...place);
}

test("the lesson's hand example: loss 70.5 and gradient (-45.5, -16) at the start", () => {
  assert.equal(loss(POINTS, 0, 0), 70.5);
  assert.deepEqual(gradient(POINTS, 0, 0), [-45.5, -16]);
});

test("the lesson's first step with rate 0.05 ends at (2.275, 0.8) with loss 2.745", () => {
  const [w, b] = descend(POINTS, [0, 0], 0.05);
  near(w, 2.275);
  near(b, 0.8);
  near(loss(POINTS, w, b), 2.7446875);
});

test("the lesson's first step with rate 0.2 makes the loss 382", () => near(loss(POINTS, ...descend(POINTS, [0, 0], 0.2)), 382.165));

test("the best line is 2.2 x + 2.5, its loss 0.45, and the gradient there is zero", () => {
  const [w, b] = best(POINTS);
  near(w, 2.2);
  near(b, 2.5);
  near(loss(POINTS, w, b), 0.45);
  for (const part of gradient(POINTS, w, b)) near(part, 0);
});

test("the gradient agrees with a centred nudge", () => {
  const h = 1e-5, [dw, db] = gradient(POINTS, 1.3, -0.4);
  near((loss(POINTS, 1.3 + h, -0.4) - loss(POINTS, 1.3 - h, -0.4)) / (2 * h), dw, 1e-6);
  near((loss(POINTS, 1.3, -0.4 + h) - loss(POINTS, 1.3, -0.4 - h)) / (2 * h), db, 1e-6);
});

test("standardised distances have mean 0 and deviation 1, and the line keeps its predictions", () => {
  near(STANDARD.points.reduce((sum, [x]) => sum + x, 0), 0);
  near(STANDARD.points.reduce((sum, [x]) => sum + x * x, 0) / 4, 1);
  near(loss(STANDARD.points, ...toStandard([1.7, 3.1], STANDARD)), loss(POINTS, 1.7, 3.1));
  const back = toRaw(toStandard([1.7, 3.1], STANDARD), STANDARD);
  near(back[0], 1.7);
  near(back[1], 3.1);
});

test("the drawn bowl is the loss: along both axes it rises by the curvature", () => {
  for (const points of [POINTS, STANDARD.points]) {
    const { steep, flat, angle } = bowlShape(points), [w, b] = best(points), least = loss(points, w, b);
    near(loss(points, w + Math.cos(angle), b + Math.sin(angle)) - least, steep);
    near(loss(points, w - Math.sin(angle), b + Math.cos(angle)) - least, flat);
  }
});

test("standardising turns the valley into a round bowl and lets the rate be eight times larger", () => {
  const raw = bowlShape(POINTS), round = bowlShape(STANDARD.points);
  assert.ok(raw.steep / raw.flat > 50);
  near(round.steep / round.flat, 1);
  near(limitRate(STANDARD.points), 1);
  near(limitRate(POINTS), 0.1198, 1e-4);
});

test("just below the limit descent settles, just above it explodes", () => {
  const limit = limitRate(POINTS);
  assert.ok(walk(POINTS, limit * 0.98, 2000) < 1);
  assert.ok(walk(POINTS, limit * 1.02, 2000) > 1e6);
});

test("standardised, rate 0.5 arrives in one step and rate 1 never moves off the starting loss", () => {
  near(walk(STANDARD.points, 0.5, 1), 0.45);
  near(walk(STANDARD.points, 1, 7), 70.5);
  near(walk(STANDARD.points, 1, 8), 70.5);
  assert.ok(walk(STANDARD.points, 1.1, 20) > 1e4);
});

test("huge numbers are written with a power of ten", () => {
  assert.equal(tidy(1.25e8), "1.3 × 10^8");
  assert.equal(tidy(-0.004), "0");
});
