import assert from "node:assert/strict";
import { test } from "node:test";
import { DIGITS, HEIGHT, MOST, WIDTH, error, noisy, squeezed } from "../../static/figures/squeeze.js";

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const errors = (count, of = (digit) => DIGITS[digit]) => DIGITS.map((clean, digit) => error(squeezed(of(digit), count), clean));

test("ten digits of 35 pixels are exact with nine numbers, and each more number helps", () => {
  assert.ok(DIGITS.every((digit) => digit.length === WIDTH * HEIGHT));
  assert.ok(Math.max(...errors(MOST)) < 1e-9);
  for (let count = 1; count < MOST; count++) assert.ok(mean(errors(count + 1)) < mean(errors(count)));
});

test("what comes back from a digit with specks is nearer to the clean one than what went in", () => {
  for (const digit of DIGITS.keys()) {
    assert.ok(error(squeezed(noisy(digit), MOST), DIGITS[digit]) < error(noisy(digit), DIGITS[digit]), String(digit));
  }
  assert.ok(mean(errors(MOST, noisy)) < 0.5 * mean([...DIGITS.keys()].map((digit) => error(noisy(digit), DIGITS[digit]))));
});
