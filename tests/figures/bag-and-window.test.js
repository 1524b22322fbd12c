import assert from "node:assert/strict";
import { test } from "node:test";

import { EXAMPLES, LENGTH, VOCABULARY, WINDOWS, answers, bagScore, encode, found, fromCodes, readText, swapped, toCodes, windowScore } from "../../static/figures/bag-and-window.js";

const PRAISE = "很好，不失望", BLAME = "不好，很失望";

test("the lesson's two reviews consist of the same characters, and the bag cannot tell them apart", () => {
  assert.deepEqual([...PRAISE].sort(), [...BLAME].sort());
  assert.equal(bagScore(PRAISE), bagScore(BLAME));
  assert.deepEqual(encode(PRAISE), [11, 15, 2, 6, 423, 241, 0, 0]);
});

test("the windows tell them apart, as the lesson works out by hand", () => {
  assert.deepEqual(found(PRAISE), [1, 1, 0, 0]);
  assert.deepEqual(found(BLAME), [0, 0, 1, 1]);
  assert.deepEqual([windowScore(PRAISE), windowScore(BLAME)], [2, -2]);
  assert.deepEqual(answers(PRAISE, WINDOWS[0]), [1, 0, 0, 0, 0]);
});

test("no order of the characters changes the bag's score, and one exchange turns the windows round", () => {
  assert.equal(swapped(PRAISE, 0, 3), BLAME);
  for (let one = 0; one < 6; one++) for (let other = 0; other < one; other++) assert.equal(bagScore(swapped(PRAISE, one, other)), bagScore(PRAISE));
});

test("what the lesson says of each example comes out", () => {
  const right = (score, praise) => Math.sign(score) === (praise ? 1 : -1);
  assert.deepEqual(EXAMPLES.map(({ text, praise }) => right(windowScore(text), praise)), [true, true, true, false, false]);
  assert.deepEqual(EXAMPLES.map(({ text, praise }) => right(bagScore(text), praise)), [false, true, true, true, false]);
});

test("no window answers where one of its two characters says nothing", () => {
  for (const window of WINDOWS) assert.deepEqual([...answers("好书", window), ...answers("很书", window), ...answers("书", window)], [0, 0]);
  assert.equal(windowScore("书"), 0);
});

test("each character of the vocabulary has a number of its own, and every other one the number 1", () => {
  assert.equal(new Set([...VOCABULARY.values()].map(({ number }) => number)).size, VOCABULARY.size);
  assert.deepEqual(encode("书").slice(0, 2), [1, 0]);
});

test("an address may contain anything", () => {
  for (const { text } of EXAMPLES) assert.equal(fromCodes(toCodes(text)), text);
  for (const codes of ["", "x", "0_0", "fffff_5f88", "20", "d800"]) assert.ok(fromCodes(codes).length > 0);
  assert.equal(readText(" "), PRAISE);
  assert.equal([...readText("一二三四五六七八九十")].length, LENGTH);
});
