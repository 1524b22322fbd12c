import assert from "node:assert/strict";
import test from "node:test";
import { labelFor, typedMention } from "../../../static/js/board/mention-notation.js";

const hao = "00000000-0000-0000-0000-00000000000a";
const tao = "00000000-0000-0000-0000-00000000000b";

test("the first of a name is called by it, and noted once", () => {
  const { label, noted } = labelFor("*昊", hao, "");
  assert.deepEqual([label, noted], ["*昊", `@[*昊](user:${hao})`]);
  assert.deepEqual(labelFor("*昊", hao, noted), { label, noted });
});

test("two people whose masked names are the same stay two", () => {
  const { noted } = labelFor("*昊", hao, "");
  assert.deepEqual(labelFor("*昊", tao, noted), { label: "*昊(2)", noted: `${noted}@[*昊(2)](user:${tao})` });
});

test("a name is being typed after a space, a sign or a Chinese character, and not inside of a word", () => {
  for (const [text, name] of [["@", ""], ["Hello @Li", "Li"], ["谢谢@", ""], ["谢谢@小", "小"], ["(@a", "a"], ["（@a", "a"]]) {
    assert.equal(text.match(typedMention)?.[1], name, text);
  }
  for (const text of ["me@", "me@example", "a_@", "1@", "Hello", "@Lin Wei", "@[Lin"]) assert.equal(text.match(typedMention), null, text);
});

test("brackets in a name do not end the notation", () => {
  assert.equal(labelFor("[Lin]", hao, "").noted, `@[Lin](user:${hao})`);
});
