import assert from "node:assert/strict";
import { test } from "node:test";

import { addressOf } from "../../../static/js/labs/lab-form.js";

test("a preview is asked for with what stands in the form; what the lab locks stays as it is", () => {
  assert.equal(addressOf("/recipes/line/preview", [["epochs", "3"], ["noise", "0.5"]], false), "/recipes/line/preview?epochs=3&noise=0.5");
  assert.equal(addressOf("/recipes/line/preview?epochs=5", [["epochs", "300"]], true), "/recipes/line/preview?epochs=5&program=true");
});
