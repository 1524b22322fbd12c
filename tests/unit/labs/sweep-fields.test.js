import assert from "node:assert/strict";
import { test } from "node:test";

import { countOf } from "../../../static/js/labs/sweep-fields.js";

test("values are counted as the server separates them, each once", () => {
  assert.equal(countOf("0.01, 0.03，0.1 0.1", true), 3);
  assert.equal(countOf("SGD、SGD + momentum 0.9；Adam,", false), 3);
  assert.equal(countOf(" ", true), 0);
});
