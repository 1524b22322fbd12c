import assert from "node:assert/strict";
import { test } from "node:test";
import { TITLES, agreement, counts, readLabels } from "../../static/figures/label-check.js";

const near = (actual, expected) => assert.ok(Math.abs(actual - expected) < 1e-9, `${actual} is not ${expected}`);
const labelsOf = (key) => TITLES.map((title) => (title[key] ? "y" : "n")).join("");
const othersOf = (key) => TITLES.map((title) => title[key]);

test("the lesson's table of twenty pages has kappa 0.4, and 0.798 after the guide", () => {
  const before = agreement({ both: 6, mine: 4, theirs: 2, neither: 8 });
  near(before.equal, 0.7);
  near(before.chance, 0.5);
  near(before.kappa, 0.4);
  near(agreement({ both: 8, mine: 1, theirs: 1, neither: 10 }).kappa, (0.9 - 0.505) / 0.495);
});

test("nine of ten equal labels may be worse than chance", () => {
  const { equal, kappa } = agreement({ both: 0, mine: 5, theirs: 5, neither: 90 });
  near(equal, 0.9);
  assert.ok(kappa < 0);
});

test("who follows the guide agrees fully with the second person by the guide, and with kappa 0.31 without it", () => {
  assert.equal(agreement(counts(labelsOf("guided"), othersOf("guided"))).kappa, 1);
  assert.equal(agreement(counts(labelsOf("guided"), othersOf("alone"))).kappa.toFixed(2), "0.31");
});

test("one answer for everything earns no kappa", () => {
  const all = counts("n".repeat(12), othersOf("guided"));
  near(agreement(all).kappa, 0);
  assert.equal(agreement(all).equal.toFixed(2), "0.58");
});

test("what is not labelled does not count, and an address may contain anything", () => {
  assert.deepEqual(counts(readLabels("y"), othersOf("guided")), { both: 0, mine: 1, theirs: 0, neither: 0 });
  for (const text of ["", "yyyyyyyyyyyyyyyy", "<b>", "YN"]) assert.equal(readLabels(text).length, 12);
});
