import assert from "node:assert/strict";
import { test } from "node:test";

import { findPassage } from "../../../static/js/notes/highlights-search.js";

const chinese = "沿着梯度的反方向走一小步，损失就会变小。学习率决定步子的大小：太小走得慢，太大会越过谷底。卷积核在图上滑动，和它盖住的地方相乘再相加。学习率常从0.001试起。";
const english = "Asmallstepagainstthegradientmakesthelosssmaller.Thelearningratesetsthesizeofthestep:toosmallisslow,toolargejumpsoverthevalley.Akernelslidesoverthepicture,andthelearningratestaysthesame.";

/** What is kept of text[start, end). */
function passageOf(text, quote, from = 0) {
  const start = text.indexOf(quote, from);
  return { quote, prefix: text.slice(Math.max(0, start - 32), start), suffix: text.slice(start + quote.length, start + quote.length + 32) };
}

const found = (text, passage, section) => {
  const place = findPassage(text, passage, section);
  return place && text.slice(...place);
};

test("a passage is found where it was in an unchanged text", () => {
  assert.equal(found(chinese, passageOf(chinese, "损失就会变小")), "损失就会变小");
});

test("what stands around it tells equal passages apart", () => {
  const second = chinese.lastIndexOf("学习率");
  assert.deepEqual(findPassage(chinese, passageOf(chinese, "学习率", second)), [second, second + 3]);
  assert.deepEqual(findPassage(chinese, passageOf(chinese, "学习率")), [chinese.indexOf("学习率"), chinese.indexOf("学习率") + 3]);
});

test("white space makes no difference", () => {
  assert.equal(found(english, { quote: "The learning rate\nsets the size", prefix: "the loss\n smaller. ", suffix: " of the step" }), "Thelearningratesetsthesize");
});

test("a passage survives a changed word in it", () => {
  const edited = chinese.replace("一小步", "很小的一步").replace("盖住的地方", "盖住的那一块");
  assert.equal(found(edited, passageOf(chinese, "沿着梯度的反方向走一小步，损失就会变小")), "沿着梯度的反方向走很小的一步，损失就会变小");
  assert.equal(found(edited, passageOf(chinese, "卷积核在图上滑动，和它盖住的地方相乘再相加")), "卷积核在图上滑动，和它盖住的那一块相乘再相加");
});

test("a passage survives edits before, after and far from it", () => {
  const edited = `新的开头，有好几句话。${chinese.replace("太小走得慢", "太小就走得太慢")}`;
  assert.equal(found(edited, passageOf(chinese, "学习率决定步子的大小")), "学习率决定步子的大小");
});

test("an English passage survives a corrected sentence", () => {
  const edited = english.replace("toosmallisslow", "onethatistoosmallisslow").replace("jumpsoverthevalley", "leapsoverthevalley");
  assert.equal(found(edited, passageOf(english, "toosmallisslow,toolargejumpsoverthevalley")).endsWith("toolargeleapsoverthevalley"), true);
});

test("a passage that is moved with its words is found in its new place", () => {
  const sentence = "卷积核在图上滑动，和它盖住的地方相乘再相加。";
  const edited = sentence + chinese.replace(sentence, "");
  assert.equal(found(edited, passageOf(chinese, sentence)), sentence);
});

test("a passage that was rewritten is gone", () => {
  const edited = chinese.replace("沿着梯度的反方向走一小步，损失就会变小", "想象一个在雾里下山的人，他只能感到脚下的坡");
  assert.equal(findPassage(edited, passageOf(chinese, "沿着梯度的反方向走一小步，损失就会变小")), null);
});

test("a short word that was removed does not jump to another place of the same word", () => {
  const second = chinese.lastIndexOf("学习率");
  const passage = passageOf(chinese, "学习率", second);
  const edited = `${chinese.slice(0, second)}它是一个小数。`;
  assert.equal(findPassage(edited, passage), null);
});

test("the section decides where all else is equal", () => {
  const text = "甲乙丙丁戊己庚辛壬癸子丑。".repeat(2);
  const passage = { quote: "丁戊己庚辛壬癸子丑", prefix: "", suffix: "" };
  assert.deepEqual(findPassage(text, passage, [13, 26]), [16, 25]);
  assert.deepEqual(findPassage(text, passage, [0, 13]), [3, 12]);
});

test("nothing is found in nothing, and an empty quote is nowhere", () => {
  assert.equal(findPassage("", passageOf(chinese, "学习率")), null);
  assert.equal(findPassage(chinese, { quote: " ", prefix: "", suffix: "" }), null);
});

test("a very long passage is not found in a long text that lost it", () => {
  let seed = 1;
  const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
  const letters = (count) => Array.from({ length: count }, () => String.fromCharCode(0x4e00 + Math.floor(random() * 300))).join("");
  const [text, gone] = [letters(30000), letters(2000)];
  assert.equal(findPassage(text, { quote: gone, prefix: "", suffix: "" }), null);
});
