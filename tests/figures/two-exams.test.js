import assert from "node:assert/strict";
import { test } from "node:test";
import { EXAMS, SIZES, differences, spread } from "../../static/figures/two-exams.js";

const mean = (numbers) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
const seeds = Array.from({ length: 40 }, (_, i) => i + 1);
const lost = (size, gap) => mean(seeds.map((seed) => differences(size, gap, seed).filter((each) => each < 0).length));

test("the mean difference is the true one, and it is spread as computed", () => {
  for (const size of SIZES.slice(0, 4)) {
    const all = seeds.flatMap((seed) => differences(size, 5, seed)), error = spread(size, 5) / Math.sqrt(all.length);
    assert.ok(Math.abs(mean(all) - 0.05) < 4 * error, `${size}`);
    const deviation = Math.sqrt(mean(all.map((each) => (each - mean(all)) ** 2)));
    assert.ok(Math.abs(deviation / spread(size, 5) - 1) < 0.06, `${size}: ${deviation}`);
  }
});

test("the worse one wins more rarely with more pictures and with a larger gap", () => {
  const [few, some, many] = [50, 171, 2000].map((size) => lost(size, 3));
  assert.ok(few > some && some > many, `${few} ${some} ${many}`);
  assert.ok(lost(171, 8) < lost(171, 3));
});

test("exams are the same for the same seed", () => {
  assert.equal(differences(100, 3, 7).length, EXAMS);
  assert.deepEqual(differences(100, 3, 7), differences(100, 3, 7));
});
