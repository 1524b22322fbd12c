import assert from "node:assert/strict";
import { test } from "node:test";

import { FINISH, STAY, arrival, contour, landscapes, optimizers, rateOf, run, winners } from "../../static/figures/optimizer-race.js";
import { bellOf, randomOf } from "../../static/js/random.js";

const near = (actual, expected, tolerance = 1e-9) => assert.ok(Math.abs(actual - expected) <= tolerance * Math.max(1, Math.abs(expected)), `${actual} is not ${expected}`);
const race = (name, place, rate, more = {}) => run(name, place, { ...landscapes[place].start, rate, steps: 200, ...more });

for (const [place, { box, loss, gradient }] of Object.entries(landscapes)) {
  test(`${place}: the gradient agrees with a small nudge`, () => {
    const nudge = 1e-6;
    for (const [p, q] of [[box[0], box[2]], [0.3, -0.7], [1.1, 0.4]]) {
      const [dp, dq] = gradient(p, q);
      near(dp, (loss(p + nudge, q) - loss(p - nudge, q)) / (2 * nudge), 1e-5);
      near(dq, (loss(p, q + nudge) - loss(p, q - nudge)) / (2 * nudge), 1e-5);
    }
  });
}

test("gradient descent in the valley shrinks each weight by its own constant factor", () => {
  const { p, q } = landscapes.valley.start, rate = 0.015, end = race("sgd", "valley", rate)[20];
  near(end.p, p * (1 - rate) ** 20);
  near(end.q, q * (1 - 100 * rate) ** 20);
});

test("gradient descent in the valley arrives with 0.019, bounces for ever with 0.02, flies away with 0.021", () => {
  assert.equal(typeof arrival(race("sgd", "valley", 0.019)), "number");
  assert.equal(arrival(race("sgd", "valley", 0.02)), null);
  assert.equal(arrival(race("sgd", "valley", 0.021)), "lost");
});

test("under a steady gradient momentum's step grows to ten times the plain one", () => {
  const memory = optimizers.momentum.memory();
  let step;
  for (let i = 0; i < 200; i += 1) step = optimizers.momentum.step(memory, [1, 0], 0.1);
  near(step[0], -1, 1e-6);
});

test("Adam's first step is the rate in each direction, whatever the size of the gradient", () => {
  const [dp, dq] = optimizers.adam.step(optimizers.adam.memory(), [100, -0.01], 0.1);
  near(dp, -0.1, 1e-4);
  near(dq, 0.1, 1e-4);
});

test("in the valley momentum and Adam arrive well before plain gradient descent at its best", () => {
  const rates = Array.from({ length: 19 }, (_, i) => (i + 1) / 1000);
  const best = Math.min(...rates.map((rate) => arrival(race("sgd", "valley", rate))).filter((time) => typeof time === "number"));
  assert.ok(arrival(race("momentum", "valley", 0.016)) < best / 1.5);
  assert.ok(arrival(race("adam", "valley", 0.1)) < best / 1.5);
});

test("in the bowl plain gradient descent with a good rate beats both", () => {
  const tracks = { sgd: race("sgd", "bowl", 0.5), momentum: race("momentum", "bowl", 0.5), adam: race("adam", "bowl", 0.5) };
  assert.deepEqual(winners(tracks), ["sgd"]);
});

test("to shoot through the bottom is not to arrive", () => {
  const at = (loss) => ({ p: 0, q: 0, loss });
  const through = [at(1), at(0.5), at(FINISH / 2), ...Array.from({ length: STAY + 5 }, () => at(0.5))];
  assert.equal(arrival(through), null);
  assert.equal(arrival([at(1), at(0.5), ...Array.from({ length: STAY + 1 }, () => at(FINISH / 2))]), 2);
});

test("nobody wins where nobody arrives", () => {
  assert.deepEqual(winners({ sgd: race("sgd", "valley", 0.001), adam: race("adam", "valley", 0.001) }), []);
});

test("noise keeps gradient descent from settling; the same seed gives the same track", () => {
  const noisy = race("sgd", "bowl", 0.3, { noise: 2 });
  assert.equal(typeof arrival(race("sgd", "bowl", 0.3)), "number");
  assert.equal(arrival(noisy), null);
  assert.deepEqual(noisy, race("sgd", "bowl", 0.3, { noise: 2 }));
});

test("the noise has mean 0 and standard deviation 1", () => {
  const random = bellOf(randomOf(1)), sample = Array.from({ length: 20000 }, random);
  const mean = sample.reduce((sum, x) => sum + x, 0) / sample.length;
  const deviation = Math.sqrt(sample.reduce((sum, x) => sum + (x - mean) ** 2, 0) / sample.length);
  assert.ok(Math.abs(mean) < 0.03 && Math.abs(deviation - 1) < 0.03, `${mean} ${deviation}`);
});

test("contour lines lie where the value is", () => {
  const lines = contour((x, y) => (x - 10) ** 2 + (y - 10) ** 2, 36, 20, 20);
  assert.ok(lines.length > 20);
  for (const [x1, y1] of lines) assert.ok(Math.abs(Math.hypot(x1 - 10, y1 - 10) - 6) < 0.1);
});

test("a learning rate has two figures", () => {
  assert.deepEqual([-1.8, -1, 0, -3].map(rateOf), [0.016, 0.1, 1, 0.001]);
});
