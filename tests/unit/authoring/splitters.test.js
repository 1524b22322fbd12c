/** Where a splitter goes, and what it gives the two panes beside it. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { divided, moved } from "../../../static/js/editor/editor-splitters.js";

test("a key moves a splitter by a step, with Shift by five, and any other key does not", () => {
  assert.equal(moved(50, { key: "ArrowLeft" }), 48);
  assert.equal(moved(50, { key: "ArrowRight", shiftKey: true }), 60);
  assert.deepEqual([moved(30, { key: "Home" }), moved(30, { key: "End" }), moved(30, { key: "Enter" })], [20, 80, 50]);
  assert.equal(moved(50, { key: "a" }), null);
});

test("two panes share what they had together, and neither is squeezed away", () => {
  assert.deepEqual(divided(1, 1, 75), [1.5, 0.5]);
  assert.deepEqual(divided(3, 1, 99), divided(3, 1, 80));
  assert.deepEqual(divided(3, 1, -5), divided(3, 1, 20));
});
