import assert from "node:assert/strict";
import { test } from "node:test";

import { OURS, at, dots, span } from "../../static/figures/own-rates.js";

const run = (rate, accuracy, changed = ["learning_rate"]) => ({ settings: { learning_rate: rate }, accuracy, changed });

test("a training becomes a dot, unless it has no accuracy", () => {
  assert.deepEqual(dots([run(0.1, 0.93), run(0.1, null), run(0.03, 0.9, ["learning_rate", "epochs"]), run(0.01, 0.9, [])]), [
    { rate: 0.1, accuracy: 0.93, isAlike: true },
    { rate: 0.03, accuracy: 0.9, isAlike: false },
    { rate: 0.01, accuracy: 0.9, isAlike: true },
  ]);
});

test("the axis holds ours and every dot", () => {
  const [from, to] = span([]);
  assert.ok(10 ** from < OURS[0][0] && 10 ** to > OURS.at(-1)[0]);
  assert.ok(10 ** span(dots([run(1e-5, 0.1)]))[0] < 1e-5);
});

test("a column has the dots of its rate alone", () => {
  const found = dots([run(0.1, 0.93), run(0.3, 0.94), run(0.1, 0.92)]);
  assert.deepEqual(at(found, 0.1).map(({ accuracy }) => accuracy), [0.93, 0.92]);
  assert.deepEqual(at(found, 0.01), []);
});
