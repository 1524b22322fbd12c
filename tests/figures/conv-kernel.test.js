import assert from "node:assert/strict";
import { test } from "node:test";
import { KERNELS, PICTURES, SIZE, convolve, moveRight, outputSize, pad, pairs, readKernel, readPicture } from "../../static/figures/conv-kernel.js";

test("the output size agrees with counting the places where the kernel fits", () => {
  for (let size = 1; size <= 12; size++) for (let kernel = 1; kernel <= 5; kernel++) for (let padding = 0; padding <= 2; padding++) for (let stride = 1; stride <= 3; stride++) {
    let places = 0;
    for (let start = -padding; start + kernel <= size + padding; start += stride) places++;
    assert.equal(outputSize(size, kernel, padding, stride), places, `${size} ${kernel} ${padding} ${stride}`);
  }
});

test("LeNet's first layers have the sizes 28, 14, 10 and 5", () => {
  assert.equal(outputSize(28, 5, 2, 1), 28);
  assert.equal(outputSize(28, 2, 0, 2), 14);
  assert.equal(outputSize(14, 5, 0, 1), 10);
  assert.equal(outputSize(10, 2, 0, 2), 5);
});

test("a vertical line answers the kernel for vertical edges with 3 on its left and -3 on its right", () => {
  const out = convolve(readPicture(PICTURES.line), SIZE, KERNELS.vertical, 0, 1);
  for (let row = 0; row < 5; row++) assert.deepEqual(out.slice(5 * row, 5 * row + 5), [0, 3, 0, -3, 0]);
});

test("the kernel is not flipped: the weight at the top left meets the pixel at the top left", () => {
  const picture = new Array(49).fill(0);
  picture[0] = 1;
  assert.equal(convolve(picture, SIZE, [5, 0, 0, 0, 0, 0, 0, 0, 0], 0, 1)[0], 5);
});

test("moving the picture by one pixel moves the output by one cell", () => {
  const picture = readPicture(PICTURES.cross), moved = moveRight(picture);
  const before = convolve(picture, SIZE, KERNELS.dot, 1, 1), after = convolve(moved, SIZE, KERNELS.dot, 1, 1);
  for (let row = 0; row < SIZE; row++) for (let column = 2; column < SIZE - 1; column++) assert.equal(after[row * SIZE + column], before[row * SIZE + column - 1]);
});

test("seven moves to the right bring the picture back", () => {
  let picture = readPicture(PICTURES.seven);
  for (let i = 0; i < SIZE; i++) picture = moveRight(picture);
  assert.equal(picture.join(""), PICTURES.seven);
});

test("stride 2 keeps every second cell of stride 1", () => {
  const picture = readPicture(PICTURES.seven), every = convolve(picture, SIZE, KERNELS.sum, 0, 1), second = convolve(picture, SIZE, KERNELS.sum, 0, 2);
  second.forEach((value, i) => assert.equal(value, every[2 * Math.floor(i / 3) * 5 + 2 * (i % 3)]));
});

test("the products of a cell add up to its output", () => {
  const picture = readPicture(PICTURES.square), out = convolve(picture, SIZE, KERNELS.dot, 2, 3);
  out.forEach((value, i) => assert.equal(pairs(picture, SIZE, KERNELS.dot, 2, 3, i).reduce((sum, [pixel, weight]) => sum + pixel * weight, 0), value));
});

test("padding adds rings of zeros and keeps the picture in the middle", () => {
  assert.deepEqual(pad([1, 2, 3, 4], 2, 1), [0, 0, 0, 0, 0, 1, 2, 0, 0, 3, 4, 0, 0, 0, 0, 0]);
});

test("a damaged link gives the standard kernel and picture", () => {
  assert.deepEqual(readKernel("1_2"), KERNELS.vertical);
  assert.deepEqual(readKernel("1_2_3_4_5_6_7_8_99"), KERNELS.vertical);
  assert.deepEqual(readKernel(KERNELS.sum.join("_")), KERNELS.sum);
  assert.equal(readPicture("abc").join(""), PICTURES.line);
});

test("every ready-made picture has 49 pixels", () => {
  for (const picture of Object.values(PICTURES)) assert.match(picture, /^[01]{49}$/);
});
