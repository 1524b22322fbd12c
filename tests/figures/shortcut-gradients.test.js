import assert from "node:assert/strict";
import { test } from "node:test";

import { backwards, blame, forwards, height, network, normalised, power } from "../../static/figures/shortcut-gradients.js";

const SETTINGS = [false, true].flatMap((shortcuts) => [false, true].map((normalise) => ({ shortcuts, normalise })));

test("the slopes are those that one measures by changing a weight a little", () => {
  for (const settings of SETTINGS) {
    const net = network(2), loss = () => forwards(net, settings).reduce((sum, row, n) => sum + row.reduce((all, value, i) => all + value * net.slopes[n][i], 0), 0);
    loss();
    const slopes = backwards(net, settings), step = 1e-6;
    for (const [layer, i, j] of [[0, 3, 5], [1, 0, 7], [2, 11, 2], [3, 23, 23]]) {
      const { w } = net.layers[layer], kept = w[i][j];
      w[i][j] = kept + step;
      const up = loss();
      w[i][j] = kept - step;
      const measured = (up - loss()) / (2 * step);
      w[i][j] = kept;
      assert.ok(Math.abs(measured - slopes[layer][i][j]) < 1e-4 * Math.max(1, Math.abs(measured)), `${JSON.stringify(settings)} ${layer}: ${measured} ${slopes[layer][i][j]}`);
    }
  }
});

test("what the lesson says of 36 layers comes out", () => {
  const [plain, normalise, shortcuts, both] = SETTINGS.map((settings) => blame({ blocks: 18, ...settings }));
  for (const value of plain) assert.ok(value > 1e-8 && value < 1.5e-7);
  for (const value of shortcuts) assert.ok(value > 0.15 && value < 0.5);
  assert.ok(normalise[0] / normalise.at(-1) > 2000);
  assert.ok(both[0] / both.at(-1) < 20 && Math.min(...both) > 0.1);
});

test("normalised columns have a mean of 0 and a deviation of 1", () => {
  const { y } = normalised(network(1).examples);
  const column = y.map((row) => row[4]), mean = column.reduce((a, b) => a + b) / column.length;
  assert.ok(Math.abs(mean) < 1e-9);
  assert.ok(Math.abs(column.reduce((sum, value) => sum + value ** 2, 0) / column.length - 1) < 0.01);
});

test("numbers are short, and a bar is never taller than the plot", () => {
  assert.deepEqual([power(0.0123), power(2.34e-8), power(210), power(12345)], ["0.012", "2 × 10⁻⁸", "210", "1 × 10⁴"]);
  assert.deepEqual([height(0), height(1e9)], [0, 1]);
});
