import assert from "node:assert/strict";
import { test } from "node:test";
import { activations, boundaryEnds, correct, inputs, nearestOnBoundary, searchAll, threshold, weightedSum } from "../../static/figures/neuron-boundary.js";

test("the weighted sum of the lesson's hand example is 2", () => {
  assert.equal(weightedSum({ w1: 2, w2: -3, b: -1 }, [3, 1]), 2);
});

test("one neuron can learn OR and AND completely", () => {
  assert.equal(correct({ w1: 1, w2: 1, b: -0.5 }, "or"), 4);
  assert.equal(correct({ w1: 1, w2: 1, b: -1.5 }, "and"), 4);
});

test("no setting of the sliders gets more than three points of XOR right", () => {
  assert.deepEqual(searchAll("xor"), { best: 3, tried: 61 ** 3 });
});

test("the same search does find all four points of OR", () => {
  assert.equal(searchAll("or", 3, 0.5).best, 4);
});

test("every activation passes its threshold exactly where z passes zero", () => {
  for (const name of Object.keys(activations)) for (const z of [-2, -0.1, 0.1, 2]) assert.equal(activations[name](z) > threshold[name], z > 0, `${name}(${z})`);
});

test("the nearest point of the boundary has a weighted sum of zero and lies along w", () => {
  const neuron = { w1: 2, w2: -1, b: 0.4 }, [x, y] = nearestOnBoundary(neuron, [0.5, 0.5]);
  assert.ok(Math.abs(weightedSum(neuron, [x, y])) < 1e-12);
  assert.ok(Math.abs((0.5 - x) * neuron.w2 - (0.5 - y) * neuron.w1) < 1e-12);
});

test("a neuron without weights has no boundary", () => {
  assert.equal(nearestOnBoundary({ w1: 0, w2: 0, b: 1 }, [0, 0]), null);
  assert.equal(boundaryEnds({ w1: 0, w2: 0, b: 1 }, -1, 2), null);
});

test("the boundary's ends lie on the frame, and a diagonal through the corners has two of them", () => {
  const neuron = { w1: 1, w2: -1, b: 0 }, ends = boundaryEnds(neuron, -1, 2);
  assert.equal(ends.length, 2);
  for (const end of ends) assert.ok(Math.abs(weightedSum(neuron, end)) < 1e-12 && end.some((v) => v === -1 || v === 2));
});

test("a boundary outside the frame is not drawn", () => {
  assert.equal(boundaryEnds({ w1: 0.1, w2: 0.1, b: 3 }, -1, 2), null);
});

test("the four inputs are the corners of the unit square", () => {
  assert.equal(new Set(inputs.map(String)).size, 4);
});
