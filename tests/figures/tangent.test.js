import assert from "node:assert/strict";
import { test } from "node:test";
import { CURVES, GAPS, clamp, roomFor, secantSlope, stepDown, tidy, trend } from "../../static/figures/tangent.js";

const near = (actual, expected, tolerance) => assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not within ${tolerance} of ${expected}`);

test("each curve's exact slope agrees with a centred nudge all over its domain", () => {
  for (const { f, df, domain } of Object.values(CURVES)) {
    for (let i = 1; i < 20; i += 1) {
      const x = domain[0] + ((domain[1] - domain[0]) * i) / 20, h = 1e-5;
      near((f(x + h) - f(x - h)) / (2 * h), df(x), 1e-4 * Math.max(1, Math.abs(df(x))));
    }
  }
});

test("the lesson's delivery has error 25 and slope -20 at w = 1, and a level bottom at 3.5", () => {
  assert.equal(CURVES.bowl.f(1), 25);
  assert.equal(CURVES.bowl.df(1), -20);
  assert.equal(CURVES.bowl.f(3.5), 0);
  assert.equal(CURVES.bowl.df(3.5), 0);
});

test("a smaller nudge measures the slope better", () => {
  const { f, df } = CURVES.bowl, faults = GAPS.map((h) => Math.abs(secantSlope(f, 1, h) - df(1)));
  for (let i = 1; i < faults.length; i += 1) assert.ok(faults[i] < faults[i - 1]);
  near(secantSlope(f, 1, 0.01), -19.96, 1e-9);
});

test("near the right border the nudge goes left, where there is a curve", () => {
  assert.equal(roomFor(CURVES.bowl, 6.5, 1), -1);
  assert.equal(roomFor(CURVES.bowl, 5, 1), 1);
});

test("trend tells rising, falling and level apart", () => {
  assert.deepEqual([-20, -0.2, 0, 0.2, 3].map(trend), ["down", "flat", "flat", "flat", "up"]);
});

test("a step downhill lowers the curve and stays inside the domain", () => {
  for (const [name, curve] of Object.entries(CURVES)) {
    for (const x of curve.quiz.filter((place) => trend(curve.df(place)) !== "flat")) {
      const next = stepDown(curve, x, 0.03);
      assert.equal(next, clamp(next, curve.domain));
      assert.ok(curve.f(next) < curve.f(x), `${name} at ${x}`);
    }
  }
});

test("the two valleys have different depths, and descent from each side finds its own", () => {
  const settle = (x) => { for (let i = 0; i < 300; i += 1) x = stepDown(CURVES.hills, x, 0.03); return x; };
  const [left, right] = [settle(2.2), settle(4.2)];
  assert.ok(left < 2 && right > 5);
  assert.ok(CURVES.hills.f(left) > CURVES.hills.f(right) + 3);
});

test("every curve asks about more than one kind of place or slope size", () => {
  for (const curve of Object.values(CURVES)) assert.ok(new Set(curve.quiz.map((x) => curve.df(x).toFixed(1))).size >= 4);
});

test("tidy writes a true minus sign and never minus zero", () => {
  assert.equal(tidy(-20), "−20");
  assert.equal(tidy(-0.001), "0");
  assert.equal(tidy(15.9999), "16");
});
