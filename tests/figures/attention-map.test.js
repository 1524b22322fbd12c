import assert from "node:assert/strict";
import { test } from "node:test";

import { COUPLETS, HEADS, LENGTH, counterpart, expected, largest, weights } from "../../static/figures/attention-map.js";

const places = Array.from({ length: LENGTH }, (_, place) => place);

test("before each character everything earlier shares the whole attention, and nothing later has any", () => {
  for (const couplet of COUPLETS) for (const place of places) for (let head = 0; head <= HEADS; head++) {
    const shares = weights(couplet, place, head);
    assert.equal(shares.length, place + 1);
    assert.ok(Math.abs(shares.reduce((a, b) => a + b) - 1) < 0.01, `${couplet.text} ${place} ${head}`);
  }
});

test("the mean of the heads is their mean", () => {
  const heads = [1, 2, 3, 4].map((head) => weights(COUPLETS[0], 9, head)[4]);
  assert.ok(Math.abs(weights(COUPLETS[0], 9, 0)[4] - heads.reduce((a, b) => a + b) / HEADS) < 1e-9);
});

test("what it expects is sorted, and the true character's rank fits to its place among the five", () => {
  for (const couplet of COUPLETS) for (const place of places) {
    const { likely, truth, rank } = expected(couplet, place);
    assert.deepEqual(likely.map(([, share]) => share), likely.map(([, share]) => share).sort((a, b) => b - a));
    const found = likely.findIndex(([character]) => character === truth);
    assert.ok(found < 0 ? rank > likely.length : rank === found + 1);
  }
});

test("the comma and the full stop are what it expects most, as it knows the places", () => {
  for (const couplet of COUPLETS) for (const place of [5, 11]) assert.equal(expected(couplet, place).rank, 1);
});

test("what faces a character of the lower line is the one above it", () => {
  assert.deepEqual(places.map(counterpart), [-1, -1, -1, -1, -1, -1, 1, 2, 3, 4, 5, 6]);
  assert.equal(COUPLETS[0].text[counterpart(9) - 1], "河");
});

test("head 1 looks straight up before character 10, as the lesson says", () => {
  for (const couplet of COUPLETS) assert.equal(largest(weights(couplet, 9, 1)), counterpart(9));
});
