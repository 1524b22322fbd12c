import assert from "node:assert/strict";
import { test } from "node:test";
import { MOST, applied, built, readLayers, verdict } from "../../static/figures/layer-builder.js";

const total = (text) => built(readLayers(text)).reduce((sum, row) => sum + row.parameters, 0);

test("the network of the lab's recipe has the parameters of its formula", () => {
  for (const kernels of [8, 16]) {
    assert.equal(total(`c${kernels}-p-c${2 * kernels}-p-f-d10`), 18 * kernels ** 2 + 512 * kernels + 10);
  }
});

test("a dense layer on a picture answers for every place, and a flattened one once", () => {
  assert.deepEqual(applied("d10", [13, 13, 8]).shape, [13, 13, 10]);
  assert.equal(verdict(built(["c8", "p", "d10"])), "many");
  assert.equal(verdict(built(["c8", "p", "f", "d10"])), "ready");
  assert.equal(verdict(built(["f", "d32"])), "other");
  assert.equal(verdict(built(["c8"])), "open");
});

test("pooling ends at one place, and what does not fit is left out", () => {
  assert.deepEqual(built(Array(MOST).fill("p")).map((row) => row.shape[0]), [14, 7, 3, 1]);
  assert.equal(applied("c8", [1, 1, 1]).fault, "small");
  assert.equal(applied("p", [100]).fault, "flat");
});

test("without the two poolings the dense layer has most of the parameters", () => {
  const pooled = built(readLayers("c8-p-c16-p-f-d10")), full = built(readLayers("c8-c16-f-d10"));
  assert.equal(pooled.at(-1).parameters, 4010);
  assert.equal(full.at(-1).parameters, 92170);
});

test("an address may contain anything", () => {
  for (const text of ["", "x", "c999-p", "c8-<b>", `${"p-".repeat(50)}p`, "0"]) assert.ok(readLayers(text).length <= MOST);
  assert.deepEqual(readLayers("c8-x-p"), ["c8"]);
});
