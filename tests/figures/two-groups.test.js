import assert from "node:assert/strict";
import { test } from "node:test";
import { countRight, decode, encode, lossAndGradient, makeNet, preset, probability, trainStep, LAST_STEP, WIDE } from "../../static/figures/two-groups.js";

function trained(units, points, steps = LAST_STEP) {
  const net = makeNet(units, 3);
  for (let i = 0; i < steps; i++) trainStep(net, points);
  return net;
}

test("the gradient agrees with the slope measured by small nudges", () => {
  const points = preset("moons"), net = makeNet(8, 1), nudge = 1e-5;
  const { gradient } = lossAndGradient(net, points);
  for (let i = 0; i < gradient.length; i++) {
    const kept = net.parameters[i];
    net.parameters[i] = kept + nudge;
    const above = lossAndGradient(net, points).loss;
    net.parameters[i] = kept - nudge;
    const below = lossAndGradient(net, points).loss;
    net.parameters[i] = kept;
    assert.ok(Math.abs((above - below) / (2 * nudge) - gradient[i]) < 1e-7, `parameter ${i}`);
  }
});

test("one step moves the parameters against the gradient", () => {
  const points = preset("ring"), net = makeNet(2, 5), before = [...net.parameters];
  const { gradient } = lossAndGradient(net, points);
  trainStep(net, points);
  gradient.forEach((slope, i) => assert.equal(Math.sign(net.parameters[i] - before[i]), -Math.sign(slope)));
});

test("eight neurons separate each of the ready-made shapes", () => {
  for (const shape of ["ring", "moons", "corners"]) {
    const points = preset(shape);
    assert.ok(countRight(trained(8, points), points) >= 0.95 * points.length, shape);
  }
});

test("one neuron draws one straight line and cannot enclose the inner group of the ring", () => {
  const points = preset("ring"), right = countRight(trained(1, points), points);
  assert.ok(right < 0.8 * points.length, `${right} right`);
});

test("on the ring 1, 2 and 3 neurons get 41, 53 and all 60 points right, as the lesson says", () => {
  const points = preset("ring");
  assert.deepEqual([1, 2, 3].map((units) => countRight(trained(units, points), points)), [41, 53, 60]);
});

test("the same seed, points and number of steps give the same net", () => {
  const points = preset("corners");
  assert.deepEqual(trained(4, points, 50).parameters, trained(4, points, 50).parameters);
});

test("an untrained net of no weight is undecided", () => {
  const net = makeNet(3, 1);
  net.parameters.fill(0);
  assert.equal(probability(net, 0.3, -0.4), 0.5);
  assert.ok(Math.abs(lossAndGradient(net, preset("ring")).loss - Math.log(2)) < 1e-12);
});

test("points survive the way through a link", () => {
  const points = [{ x: -WIDE, y: 1, group: 0 }, { x: 0.5, y: -0.25, group: 1 }];
  decode(encode(points)).forEach((point, i) => {
    assert.ok(Math.abs(point.x - points[i].x) < 0.002 && Math.abs(point.y - points[i].y) < 0.001);
    assert.equal(point.group, points[i].group);
  });
});

test("a damaged link gives no points instead of an error", () => {
  assert.deepEqual(decode("%%%"), []);
  assert.equal(decode("00".repeat(5000)).length <= 200, true);
});

test("each ready-made shape has both groups and stays inside the plane", () => {
  for (const shape of ["ring", "moons", "corners"]) {
    const points = preset(shape);
    assert.equal(new Set(points.map(({ group }) => group)).size, 2);
    assert.ok(points.every(({ x, y }) => Math.abs(x) < WIDE && Math.abs(y) < 1));
  }
});
