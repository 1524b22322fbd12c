import assert from "node:assert/strict";
import { test } from "node:test";

import { BEGIN, COUPLETS, chances, context, count, drawn, sentences, shape, surprise, verdict, write } from "../../static/figures/next-character.js";
import { randomOf } from "../../static/js/random.js";

const close = (a, b, tolerance = 5e-4) => assert.ok(Math.abs(a - b) < tolerance, `${a} is not ${b}`);

test("月 is followed by a comma twice and by four others once, as the lesson counts", () => {
  const row = chances(count(COUPLETS, 1), "月");
  assert.deepEqual(row.map(([character, times]) => [character, times]).sort(), [["，", 2], ["松", 1], ["出", 1], ["近", 1], ["涌", 1]].sort());
  close(row[0][2], 1 / 3);
});

test("a low temperature makes the likely likelier, a high one evens out", () => {
  const comma = (temperature) => chances(count(COUPLETS, 1), "月", temperature)[0][2];
  close(comma(0.5), 0.5);
  close(comma(1), 0.333);
  close(comma(2), 0.261);
});

test("the mean surprise falls with each character remembered", () => {
  close(surprise(COUPLETS, 0), 3.61);
  close(surprise(COUPLETS, 1), 0.583);
  close(surprise(COUPLETS, 2), 0.195);
});

test("one remembered character writes a proper couplet about one time in twenty, two mostly copy", () => {
  const share = (memory, wanted) => {
    const table = count(COUPLETS, memory), die = randomOf(7), rounds = 2_000;
    let found = 0;
    for (let round = 0; round < rounds; round++) found += wanted.includes(verdict(write(table, memory, 1, die), COUPLETS));
    return found / rounds;
  };
  close(share(1, ["new", "copied"]), 0.0493, 0.015);
  close(share(2, ["copied"]), 2 / 3, 0.03);
});

test("a context is filled with beginnings, and nothing is seen with no memory", () => {
  assert.equal(context("", 2), BEGIN + BEGIN);
  assert.equal(context("江清月", 2), "清月");
  assert.equal(context("江清月", 0), "");
  assert.deepEqual(chances(count(COUPLETS, 2), "月月"), []);
});

test("a die falls on each character for its share", () => {
  const row = [["a", 3, 0.75], ["b", 1, 0.25]];
  assert.deepEqual([0, 0.74, 0.76, 0.999999999].map((die) => drawn(row, die)), ["a", "a", "b", "b"]);
  assert.equal(drawn([["a", 1, 0.3], ["b", 1, 0.3]], 0.9), "b");
});

test("any text becomes sentences, and lengths and copies are told apart", () => {
  assert.deepEqual(sentences(" 一二，三四。五!\n\n六|七"), ["一二，三四。", "五。", "六。", "七。"]);
  assert.deepEqual(sentences(" \n。"), []);
  assert.deepEqual(shape("明月松间照，清泉石上流。"), [5, 5]);
  assert.equal(verdict(COUPLETS[0], COUPLETS), "copied");
  assert.equal(verdict("海上生明月，低头思故乡。", COUPLETS), "new");
  assert.equal(verdict("明月，低头思故乡。", COUPLETS), "broken");
  assert.equal(verdict("明月", COUPLETS), "open");
});
