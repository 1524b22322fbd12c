import assert from "node:assert/strict";
import { test } from "node:test";
import { PICTURES, SIZE, added, changed, labelAfter, mirrored, moved, pixelsOf, pointsTo, turned } from "../../static/figures/pixel-inspector.js";

const AS_IT_IS = { picture: "tomato", mirror: "no", turns: 0, shift: 0, light: 0, beyond: "clip", order: "rgb" };

test("eight bits wrap around at both ends, and a cut stops there", () => {
  assert.deepEqual([added(200, 100, "wrap"), added(50, -60, "wrap"), added(200, 50, "wrap")], [44, 246, 250]);
  assert.deepEqual([added(200, 100, "clip"), added(50, -60, "clip"), added(200, 50, "clip")], [255, 0, 250]);
});

test("every picture has its pixels, and mirroring twice or four quarter turns bring it back", () => {
  for (const picture of PICTURES) {
    const pixels = pixelsOf(picture);
    assert.equal(pixels.length, SIZE * SIZE);
    assert.ok(pixels.every((pixel) => pixel?.length === 3), picture);
    assert.deepEqual(mirrored(mirrored(pixels)), pixels);
    assert.deepEqual(turned(turned(turned(turned(pixels)))), pixels);
    assert.deepEqual(moved(moved(pixels, 2), -2), pixels);
  }
});

test("a turn is clockwise: what was at the top is on the right", () => {
  const pixels = Array.from({ length: SIZE * SIZE }, (_, cell) => cell);
  assert.equal(turned(pixels)[SIZE - 1], 0);
  assert.equal(turned(pixels)[SIZE * SIZE - 1], SIZE - 1);
});

test("the arrow's pixels point where it is said to: its tip is nearest to that edge", () => {
  for (const mirror of ["no", "yes"]) for (const turns of [0, 1, 2, 3]) {
    const state = { ...AS_IT_IS, picture: "arrow", mirror, turns };
    const inked = changed(state).map((pixel, cell) => ({ cell, isInk: String(pixel) !== "255,255,255" })).filter(({ isInk }) => isInk);
    // The head is wide and lies in the half that the arrow points to.
    const rows = inked.map(({ cell }) => Math.floor(cell / SIZE) - 5.5), columns = inked.map(({ cell }) => (cell % SIZE) - 5.5);
    const sum = (values) => values.reduce((total, value) => total + value, 0);
    const [down, right] = [sum(rows), sum(columns)];
    const seen = Math.abs(down) > Math.abs(right) ? (down > 0 ? "down" : "up") : right > 0 ? "right" : "left";
    assert.equal(pointsTo(state), seen, `${mirror} ${turns}`);
    assert.equal(labelAfter(state), seen === "left" ? "same" : seen);
  }
});

test("the label of a six does not survive a mirror or a turn, that of a tomato does", () => {
  const six = { ...AS_IT_IS, picture: "six" };
  assert.equal(labelAfter(six), "same");
  assert.equal(labelAfter({ ...six, turns: 2 }), "nine");
  assert.equal(labelAfter({ ...six, turns: 1 }), "no-digit");
  assert.equal(labelAfter({ ...six, mirror: "yes" }), "no-digit");
  assert.equal(labelAfter({ ...AS_IT_IS, mirror: "yes", turns: 3, light: 40 }), "same");
});

test("swapped channels make a tomato blue and leave grey ink as it is", () => {
  const ripe = changed(AS_IT_IS), swapped = changed({ ...AS_IT_IS, order: "bgr" });
  const cell = ripe.findIndex(([red]) => red === 220);
  assert.deepEqual(swapped[cell], [30, 40, 220]);
  assert.equal(labelAfter({ ...AS_IT_IS, order: "bgr" }), "blue");
  assert.deepEqual(changed({ ...AS_IT_IS, picture: "six", order: "bgr" }), changed({ ...AS_IT_IS, picture: "six" }));
});

test("what is moved out of the picture is missed, and too much light leaves nothing", () => {
  assert.equal(labelAfter({ ...AS_IT_IS, shift: 2 }), "same");
  assert.equal(labelAfter({ ...AS_IT_IS, shift: 4 }), "cut");
  const six = { ...AS_IT_IS, picture: "six", light: 220 };
  assert.equal(labelAfter(six), "nothing");
  assert.equal(labelAfter({ ...six, beyond: "wrap" }), "wrapped");
});
