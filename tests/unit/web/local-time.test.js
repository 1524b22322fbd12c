import assert from "node:assert/strict";
import { test } from "node:test";

import { momentFormat, relative } from "../../../static/js/local-time.js";

const now = Date.UTC(2026, 10, 28, 12);
const minute = 60_000;

test("what has just been written is from now, also by a clock that is behind the server's", () => {
  assert.equal(relative(now - 59_000, now, "en"), "now");
  assert.equal(relative(now + 5 * minute, now, "en"), "now");
  assert.equal(relative(now, now, "zh-Hans"), "现在");
});

test("minutes and hours are said as people say them, rounded down", () => {
  assert.equal(relative(now - 59.9 * minute, now, "en"), "59 minutes ago");
  assert.equal(relative(now - 60 * minute, now, "en"), "1 hour ago");
  assert.equal(relative(now - 23.9 * 60 * minute, now, "zh-Hans"), "23小时前");
});

test("what is a day old has a date", () => {
  assert.equal(relative(now - 24 * 60 * minute, now, "en"), undefined);
});

test("a moment has the form that the server gives it", () => {
  const moment = new Date(Date.UTC(2026, 8, 7, 6, 5));
  assert.equal(momentFormat("en", "UTC").format(moment), "7 Sept 2026, 06:05");
  assert.equal(momentFormat("zh-Hans", "UTC").format(moment), "2026年9月7日 06:05");
});
