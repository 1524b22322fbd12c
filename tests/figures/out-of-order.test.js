import assert from "node:assert/strict";
import { test } from "node:test";
import { MOST, inOrder, kernelAfter, readRuns } from "../../static/figures/out-of-order.js";

const after = (runs) => kernelAfter(readRuns(runs));

test("from top to bottom it shows 9, and the numbers say so", () => {
  assert.equal(after("012").outputs[2], "9");
  assert.ok(inOrder(after("012")));
});

test("8.1 takes the second cell twice", () => {
  assert.equal(after("0112").outputs[2], "8.1");
  assert.ok(!inOrder(after("0112")));
});

test("without the first cell there is no price, and afterwards there is", () => {
  assert.equal(after("1").outputs[1], "error");
  assert.equal(after("101").outputs[1], "");
});

test("an address may contain anything", () => {
  assert.deepEqual(readRuns("01x2<b>9"), [0, 1, 2]);
  assert.equal(readRuns("0".repeat(99)).length, MOST);
});
