import assert from "node:assert/strict";
import test from "node:test";
import { fenced } from "../../../static/js/board/code-marks.js";

function made(text, selected) {
  const start = text.indexOf(selected);
  const { text: code, from, to } = fenced(text, start, start + selected.length);
  const result = text.slice(0, start) + code + text.slice(start + selected.length);
  return [result, result.slice(start + from, start + to)];
}

test("a word becomes code in its line, and stays selected", () => {
  assert.deepEqual(made("try model.fit now", "model.fit"), ["try `model.fit` now", "model.fit"]);
});

test("lines become a block with their indentation", () => {
  const code = "def f(x):\n    return x";
  assert.deepEqual(made(`look:\n${code}\nwhy?`, code), [`look:\n\`\`\`python\n${code}\n\`\`\`\nwhy?`.replace("```\nwhy?", "```\nwhy?"), code]);
});

test("where nothing is selected an empty block comes, on lines of its own", () => {
  assert.deepEqual(fenced("why?", 4, 4), { text: "\n```python\n\n```", from: 11, to: 11 });
});

test("marks in the code are shorter than those around it", () => {
  assert.equal(made("a `b` c", "`b`")[0], "a `` `b` `` c");
  assert.match(made("```\nx\n```", "```\nx\n```")[0], /^````python\n/);
});
