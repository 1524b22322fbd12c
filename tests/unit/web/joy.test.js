import assert from "node:assert/strict";
import { test } from "node:test";

// A page as far as the script asks for it.
const observers = [];
globalThis.IntersectionObserver = class {
  constructor(tell) { this.tell = tell; observers.push(this); }
  observe(place) { this.place = place; }
  disconnect() { this.isOver = true; }
};
const holding = (place) => ({ querySelector: () => place });
const still = () => ({ dataset: { joy: "" } });

/** A page of its own: what was done before is the script's own knowledge. */
async function onPageWith(place) {
  const page = (globalThis.document = holding(place));
  const { startJoy } = await import(`../../../static/js/joy.js?${Math.random()}`);
  startJoy(page);
  return startJoy;
}

test("what happens before the reader's eyes moves once it is in sight", async () => {
  const startJoy = await onPageWith(null);
  const place = still();
  startJoy(holding(place));
  assert.equal(place.dataset.joy, "waits");
  const observer = observers.at(-1);
  observer.tell([{ isIntersecting: false }]);
  assert.equal(place.dataset.joy, "waits");
  observer.tell([{ isIntersecting: true }]);
  assert.equal(place.dataset.joy, "opens");
  assert.ok(observer.isOver);
});

test("it moves once: what comes again is a still picture", async () => {
  const startJoy = await onPageWith(null);
  startJoy(holding(still()));
  const again = still();
  startJoy(holding(again));
  assert.equal(again.dataset.joy, "");
});

test("what was done when the page came stands still", async () => {
  const place = still();
  const startJoy = await onPageWith(place);
  assert.equal(place.dataset.joy, "");
  const renewed = still();
  startJoy(holding(renewed));
  assert.equal(renewed.dataset.joy, "");
});
