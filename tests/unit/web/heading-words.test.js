import assert from "node:assert/strict";
import { test } from "node:test";

import { breakable } from "../../../static/js/heading-words.js";

test("a long Chinese phrase may break between its words, never inside of one", () => {
  const title = "为什么卷积神经网络能够认出手写数字";
  const words = [...new Intl.Segmenter("zh", { granularity: "word" }).segment(title)].map(({ segment }) => segment);
  assert.equal(breakable(title).join(""), title);
  assert.deepEqual(breakable(title), words);
});

test("a short phrase stays whole, marks and Latin words stay with their neighbours", () => {
  assert.deepEqual(breakable("先压缩，再还原"), ["先压缩，再还原"]);
  assert.deepEqual(breakable("A short title of many English words"), ["A short title of many English words"]);
  for (const piece of breakable("“学习率”太大的时候损失会爆炸，怎么办？")) assert.doesNotMatch(piece, /^[”，？]|[“]$/u);
});
