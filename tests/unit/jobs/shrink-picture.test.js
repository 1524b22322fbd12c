import assert from "node:assert/strict";
import { test } from "node:test";

import { shrinkPicture } from "../../../static/js/jobs/shrink-picture.js";

const ink = [[0, 0, 0, 255], [255, 0, 0, 255], [0, 255, 0, 255], [0, 0, 255, 255]];

test("a picture of the network's own size stays as it is", () => {
  assert.deepEqual([...shrinkPicture(ink.flat(), 2, 2, 2)], [0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255]);
});

test("each pixel is the mean of what it covers, also of parts of pixels", () => {
  assert.deepEqual([...shrinkPicture(ink.flat(), 2, 2, 1)], [64, 64, 64]);
  const grey = (value) => [value, value, value, 255];
  const rows = Array.from({ length: 3 }, () => [grey(0), grey(90), grey(240)].flat()).flat();
  // 1.5 columns to a pixel: (0 + 90/2) / 1.5 and (90/2 + 240) / 1.5.
  assert.deepEqual([...shrinkPicture(rows, 3, 3, 2)].filter((_, index) => index % 3 === 0), [30, 190, 30, 190]);
});

test("what is transparent is white, and so are the margins of a picture that is no square", () => {
  const grey = [...shrinkPicture([0, 0, 0, 0, 0, 0, 0, 255], 2, 1, 2)].filter((_, index) => index % 3 === 0);
  assert.deepEqual(grey, [255, 128, 255, 128]);
});

test("a small picture is enlarged to the same field", () => {
  assert.deepEqual([...shrinkPicture([10, 20, 30, 255], 1, 1, 2)], [10, 20, 30, 10, 20, 30, 10, 20, 30, 10, 20, 30]);
});
