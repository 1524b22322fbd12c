import assert from "node:assert/strict";
import { test } from "node:test";

import { MOST, multiply, parse, part, sumText, terms } from "../../static/figures/matrix-product.js";

const A = [[1, 2, 0], [3, -1, 2]], B = [[2, 1], [0, 3], [1, -2]];

test("the product of the lesson is the one worked out by hand", () => {
  assert.deepEqual(multiply(A, B), [[2, 7], [8, -4]]);
});

test("a row and a column that differ in length have no product", () => {
  assert.equal(multiply(A, A), null);
  assert.notEqual(multiply(A, [[1], [2], [3]]), null);
});

test("the order of the factors matters", () => {
  assert.equal(multiply(B, A).length, 3);
  assert.notDeepEqual(multiply([[1, 2], [3, 4]], [[0, 1], [1, 0]]), multiply([[0, 1], [1, 0]], [[1, 2], [3, 4]]));
});

test("a cell adds as many products as A has columns", () => {
  assert.deepEqual(terms(A, B, 1, 1), [[3, 1, 3], [-1, 3, -3], [2, -2, -4]]);
});

test("the sum is written with brackets around negative numbers", () => {
  assert.equal(sumText(terms(A, B, 1, 1)), "3×1 + (−1)×3 + 2×(−2)");
});

test("a table from a link is always full and never holds anything but small whole numbers", () => {
  const table = parse("1_-3_x_99_2.5");
  assert.equal(table.length, MOST * MOST);
  assert.deepEqual(table.slice(0, 5), [1, -3, 0, 0, 0]);
});

test("a part is cut from the upper left corner", () => {
  assert.deepEqual(part(parse("1_2_0_1_3_-1_2_0"), 2, 3), A);
});
