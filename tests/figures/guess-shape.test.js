import assert from "node:assert/strict";
import { test } from "node:test";
import { QUESTIONS, averaged, isRight, multiplied, readAnswers, reshaped, spread } from "../../static/figures/guess-shape.js";

test("every question has exactly one right option", () => {
  for (const question of QUESTIONS) {
    assert.equal([0, 1, 2, 3].filter((option) => isRight(question, option)).length, 1, question.code);
  }
});

test("the lesson's examples come out as it says", () => {
  assert.deepEqual(multiplied([2, 3], [3, 4]), [2, 4]);
  assert.equal(multiplied([2, 3], [2, 3]), null);
  assert.deepEqual(spread([4, 3], [3]), [4, 3]);
  assert.equal(spread([4, 3], [4]), null);
  assert.deepEqual(spread([3, 1], [3]), [3, 3]);
  assert.deepEqual(spread([32, 1], [32]), [32, 32]);
  assert.deepEqual(averaged([2, 3], 0), [3]);
  assert.equal(reshaped([2, 6], [3, 5]), null);
});

test("an address may contain anything", () => {
  assert.equal(readAnswers("01x9"), "01------");
  assert.equal(readAnswers("<b>").length, QUESTIONS.length);
});
