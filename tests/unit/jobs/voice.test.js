import assert from "node:assert/strict";
import { test } from "node:test";

import { Voice } from "../../../static/js/jobs/voice.js";

class Region {
  heard = [];
  set textContent(sentence) { this.heard.push(sentence); }
}

test("of two hundred epochs in two minutes a sentence in ten seconds is said", () => {
  const region = new Region();
  let now = 0;
  const voice = new Voice(region, () => now);
  for (let epoch = 1; epoch <= 201; epoch += 1, now += 570) voice.say(`Epoch ${epoch}`);
  assert.ok(region.heard.length <= 12 && region.heard.length >= 10, String(region.heard.length));
  assert.equal(region.heard[0], "Epoch 1");
});

test("the end is said once, on the page of the training that ended before the reader's eyes", (t) => {
  const kept = new Map();
  globalThis.sessionStorage = {
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => kept.set(name, value),
    removeItem: (name) => kept.delete(name),
  };
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const region = new Region();
  Voice.keepEnd("a");
  new Voice(region).sayEnd("b", "of another");
  new Voice(region).sayEnd("a", "Done in 12 s.");
  new Voice(region).sayEnd("a", "Done in 12 s.");
  t.mock.timers.tick(1000);
  assert.deepEqual(region.heard, ["Done in 12 s."]);
});
