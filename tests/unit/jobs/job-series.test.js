import assert from "node:assert/strict";
import { test } from "node:test";

import { bestRecord, fill, formatMetric, formatSeconds, Run } from "../../../static/js/jobs/job-series.js";

const point = (step, loss = 1) => ({ step, epoch: 1, metrics: { loss } });
const epoch = (number, metrics = { loss: 1, val_loss: 1 }, seconds = 10) => ({ epoch: number, metrics, seconds, step: number * 100 });
const running = (more = {}) => new Run({ state: "running", phase: "training", epochs: 4, steps_per_epoch: 100, ...more });

test("a point that comes twice is kept once", () => {
  const run = running({ points: [point(10)] });
  assert.equal(run.apply("points", { points: [point(10), point(20)] }, 0), true);
  assert.equal(run.apply("points", { points: [point(10), point(20)] }, 1), false);
  assert.deepEqual(run.series("loss").batches[0], [0.1, 0.2]);
});

test("points out of order are drawn in order", () => {
  const run = running();
  run.apply("points", { points: [point(30)] }, 0);
  run.apply("points", { points: [point(10), point(20)] }, 1);
  assert.deepEqual(run.series("loss").batches[0], [0.1, 0.2, 0.3]);
});

test("an epoch that comes twice is kept once, and brings its missing points", () => {
  const run = running();
  assert.equal(run.apply("epoch", { ...epoch(1), points: [point(50), point(100)] }), true);
  assert.equal(run.apply("epoch", { ...epoch(1), points: [point(50)] }), false);
  assert.equal(run.series("loss").batches[0].length, 2);
  assert.deepEqual(run.series("loss").validation, [[1], [1]]);
});

test("a rewind drops what came after its step and epoch, and the new attempt draws again", () => {
  const run = running({ points: [point(90), point(110), point(150)], epoch_records: [epoch(1), epoch(2)] });
  run.apply("rewind", { step: 100, epoch: 1 });
  assert.deepEqual(run.series("loss").batches[0], [0.9]);
  assert.deepEqual(run.sortedRecords.map((record) => record.epoch), [1]);
  assert.equal(run.apply("points", { points: [point(110, 2)] }, 0), true);
  assert.deepEqual(run.series("loss").batches[1], [1, 2]);
});

test("progress is the share of steps, from points or from finished epochs", () => {
  assert.equal(running({ points: [point(100)] }).fraction, 0.25);
  assert.equal(running({ epoch_records: [epoch(1), epoch(2)] }).fraction, 0.5);
  assert.equal(running().fraction, 0);
  assert.equal(new Run({ state: "queued" }).fraction, 0);
});

test("the epoch in training counts from 1 and stops at the last", () => {
  assert.equal(running().currentEpoch, 1);
  assert.equal(running({ points: [point(99)] }).currentEpoch, 1);
  assert.equal(running({ points: [point(101)] }).currentEpoch, 2);
  assert.equal(running({ points: [point(400)] }).currentEpoch, 4);
});

test("the time left comes from finished epochs, which include validation", () => {
  assert.equal(running({ epoch_records: [epoch(1), epoch(2)] }).secondsLeft, 20);
});

test("in the first epoch the time left comes from the speed of live points", () => {
  const run = running();
  assert.equal(run.secondsLeft, null);
  run.apply("points", { points: [point(10)] }, 100);
  assert.equal(run.secondsLeft, null);
  run.apply("points", { points: [point(30)] }, 102);
  assert.equal(run.secondsLeft, 37); // 370 steps at 10 a second
});

test("nothing is said of time left once all steps are done", () => {
  assert.equal(running({ epoch_records: [epoch(4)] }).secondsLeft, null);
});

test("a phase event starts a queued run and gives its counts", () => {
  const run = new Run({ state: "queued" });
  run.apply("phase", { phase: "training", epochs: 3, steps_per_epoch: 50, attempt: 1 });
  assert.equal(run.state, "running");
  assert.equal(run.totalSteps, 150);
  run.apply("phase", { phase: "evaluating", epochs: 0, steps_per_epoch: 0, attempt: 1 });
  assert.equal(run.totalSteps, 150);
});

test("end states end, and the same state is no news", () => {
  const run = running();
  assert.equal(run.apply("state", { state: "running" }), false);
  assert.equal(run.apply("state", { state: "failed" }), true);
  assert.equal(run.ended, true);
});

test("a regression has no accuracy", () => {
  const run = running({ epoch_records: [epoch(1)] });
  assert.equal(run.has("loss"), true);
  assert.equal(run.has("accuracy"), false);
});

test("the means of epochs, their validation and the previous run are lines of their own", () => {
  const run = running({ epoch_records: [epoch(1, { loss: 3, val_loss: 4 }), epoch(2, { loss: 2, val_loss: 3 })], previous: [epoch(1, { loss: 5, val_loss: 6 })] });
  assert.deepEqual(run.series("loss"), { batches: [[], []], training: [[1, 2], [3, 2]], validation: [[1, 2], [4, 3]], previous: [[1], [6]] });
});

test("the best epoch has the least loss or the highest accuracy, and is finite", () => {
  assert.deepEqual(bestRecord("loss", [[1, 2, 3], [NaN, 0.2, 0.3]]), { epoch: 2, value: 0.2 });
  assert.deepEqual(bestRecord("accuracy", [[1, 2, 3], [0.5, 0.9, null]]), { epoch: 2, value: 0.9 });
  assert.equal(bestRecord("loss", [[1], [null]]), null);
});

test("figures are written as one reads them", () => {
  assert.equal(formatMetric("val_accuracy", 0.98734), "98.7%");
  assert.equal(formatMetric("loss", 0.04853), "0.049");
  assert.equal(formatMetric("loss", 275868), "2.76e+5");
  assert.equal(formatMetric("loss", null), "–");
});

test("texts are filled, and an unknown place is left standing", () => {
  assert.equal(fill("Epoch {epoch} of {epochs}", { epoch: 2, epochs: 3 }), "Epoch 2 of 3");
  assert.equal(fill("{unknown}", {}), "{unknown}");
});

test("times are said in seconds, minutes, hours", () => {
  const texts = { seconds: "{n} s", minutes: "{m} min {s} s", hours: "{h} h {m} min" };
  assert.equal(formatSeconds(0.2, texts), "1 s");
  assert.equal(formatSeconds(75, texts), "1 min 15 s");
  assert.equal(formatSeconds(7260, texts), "2 h 1 min");
});
