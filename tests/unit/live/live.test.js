import assert from "node:assert/strict";
import { test } from "node:test";

import { isAfter, union } from "../../../static/js/live/positions.js";
import { around, pauseBefore } from "../../../static/js/live/retry.js";

test("pauses grow to half a minute and differ from page to page", () => {
  const longest = () => 1;
  assert.deepEqual([0, 1, 2, 3, 4, 5, 50].map((failures) => pauseBefore(failures, longest)), [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  assert.equal(pauseBefore(0, () => 0), 500);
  assert.equal(around(1000, () => 0), 900);
});

test("ids are compared as numbers, not as text", () => {
  assert.ok(isAfter("1700000000000-10", "1700000000000-9"));
  assert.ok(isAfter("10-0", "9-7"));
  assert.ok(isAfter("1-0", null));
  assert.ok(!isAfter("1-0", "1-0"));
  assert.ok(!isAfter(null, "1-0"));
  assert.ok(isAfter("18446744073709551614-1", "18446744073709551614-0"));
});

test("a topic is followed from where the page stands that has seen least of it", () => {
  const all = union([{ user: "5-0", "job:1": "7-0" }, { user: null, "job:1": "3-0" }, { "wall:2026-01-01": null }], 40);
  assert.deepEqual(Object.fromEntries(all), { user: "5-0", "job:1": "3-0", "wall:2026-01-01": null });
});

test("of too many topics those of the pages that asked last are followed", () => {
  const all = union([{ z: null }, { b: null }, { a: "1-0", d: null }], 3);
  assert.deepEqual([...all.keys()].sort(), ["a", "b", "d"]);
});
