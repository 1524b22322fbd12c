import assert from "node:assert/strict";
import { test } from "node:test";

import { epochTicks, verticalAxis, wantsLogarithm } from "../../../static/js/jobs/chart-axis.js";

const long = (make) => Array.from({ length: 2000 }, (_, index) => make(index));
/** What a training may give; `Infinity` and `null` stand for what is not a finite number. */
const given = {
  nothing: [], "nulls only": [null, null], zeros: [0, 0], "one point": [2.3], "one zero": [0], "one tiny point": [1e-12], "one huge point": [1e30],
  usual: [2.3, 1.1, 0.4], "all the same": [0.5, 0.5, 0.5], tiny: [3e-12, 1e-12], huge: [1e30, 3e30], "tiny to huge": [1e-12, 1e30],
  "beyond a double's exact range": [1e-300, 1e300], subnormal: [5e-324], "largest double": [1.7e308, 1e308],
  negative: [-3, -1], "around zero": [-2, 0, 5], "huge and negative": [-1e30, 1e12], infinite: [1, Infinity, 2], "minus infinity": [-Infinity, 1],
  "not a number": [NaN, 1], gaps: [1, null, 3], exploding: [2, 40, 9e16, 3e33], "exploding, then gone": [2, 40, 9e16, null, null],
  "2,000 points": long((index) => 2 / (1 + index)), "2,000 huge points": long((index) => 1e30 * (1 + index)), "100,000 points": long(() => 1).flatMap(() => Array(50).fill(0.5)),
};

for (const metric of ["loss", "accuracy", "val_accuracy", "mae"]) {
  for (const [name, values] of Object.entries(given)) {
    for (const height of [200, 320]) {
      test(`${metric} of ${name} has a range and numbers on its axis, at a height of ${height}`, () => {
        const { to, range, ticks, labels } = verticalAxis(metric, values, height);
        assert.ok(range.every(Number.isFinite) && range[0] < range[1], String(range));
        assert.ok(ticks.length >= 2 && ticks.length <= 12, `ticks ${ticks}`);
        assert.ok(ticks.every((tick, index) => tick >= range[0] - 1e-9 * Math.abs(range[0]) && tick <= range[1] + 1e-9 * Math.abs(range[1]) && (!index || tick > ticks[index - 1])), String(ticks));
        assert.equal(new Set(labels).size, ticks.length, `labels ${labels}`);
        assert.ok(labels.every((label) => label.length <= 9 && !/NaN|Infinity/.test(label)), String(labels));
        for (const value of values.filter(Number.isFinite)) {
          const at = to(value);
          assert.ok(at >= range[0] && at <= range[1], `${value} lies at ${at}, outside of ${range}`);
          assert.ok(Math.abs(at) < 1e11, `${at} is beyond what uPlot draws`);
        }
      });
    }
  }
}

test("a loss of every size has an axis from zero that says its size", () => {
  for (let exponent = -300; exponent <= 300; exponent += 7) {
    const { ticks, labels } = verticalAxis("loss", [1, 3, 7.5].map((digits) => Number(`${digits}e${exponent}`)));
    assert.equal(labels[0], "0");
    assert.ok(ticks.length >= 3);
    assert.ok(Math.abs(Math.log10(Number(labels.at(-1))) - exponent) < 1, String(labels));
  }
});

test("a loss that exploded is drawn on a logarithmic axis of whole decades", () => {
  assert.equal(wantsLogarithm([1, 275_868]), true);
  assert.equal(wantsLogarithm([2.3, 0.05]), false);
  assert.equal(wantsLogarithm([0, 5000]), false); // zero has no logarithm
  assert.equal(wantsLogarithm([]), false);
  const { logarithmic, range, labels } = verticalAxis("loss", [1e-3, 1e33]);
  assert.deepEqual([logarithmic, range], [true, [-3, 33]]);
  assert.ok(labels.includes("1e+10"), String(labels));
});

test("an accuracy is said in per cent, from the tenth below its lowest", () => {
  const { range, labels } = verticalAxis("accuracy", [0.83, 0.91]);
  assert.deepEqual(range, [0.8, 1]);
  assert.deepEqual([labels[0], labels.at(-1)], ["80%", "100%"]);
});

test("epochs are whole and have room", () => {
  for (const epochs of [1, 2, 3, 7, 30, 500, 2000, 100_000]) {
    for (const width of [220, 640, 1200]) {
      const ticks = epochTicks(epochs, width);
      assert.ok(ticks.length >= 2 && ticks.length <= width / 40 && ticks.every(Number.isInteger), `${epochs} ${width}: ${ticks}`);
    }
  }
});

test("a logarithmic axis can be chosen where every value is above zero", () => {
  assert.equal(verticalAxis("loss", [0.2, 0.9], 200, true).logarithmic, true);
  assert.equal(verticalAxis("loss", [0, 0.9], 200, true).logarithmic, false);
  assert.equal(verticalAxis("loss", [1e-6, 9], 200, false).logarithmic, false);
});
