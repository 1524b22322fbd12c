/**
 * Line breaks between words in Chinese headings. `word-break: keep-all` breaks only after punctuation; a phrase longer than a
 * phone's line would then break anywhere, even inside a word. So break opportunities are added after its words.
 */
const CHINESE = /[\u3400-\u9fff]/;
/** Shorter phrases stay whole: they fit into a line of the largest headings at 360 px. */
const LONGEST_WHOLE = 8;

export function startHeadingWords(root) {
  if (!("Segmenter" in Intl)) return;
  for (const heading of root.querySelectorAll("h1, h2, h3, h4")) {
    if (heading.lang.startsWith("en") || !CHINESE.test(heading.textContent) || heading.querySelector("wbr")) continue;
    for (const text of textsBelow(heading)) {
      const words = breakable(text.data);
      if (words.length > 1) text.replaceWith(...words.flatMap((word, index) => (index ? [document.createElement("wbr"), word] : [word])));
    }
  }
}

/** The pieces of a text between which a line may break; punctuation stays with its word. */
export function breakable(text) {
  const pieces = [""];
  for (const phrase of text.split(/(?<=[\s\p{P}])/u)) {
    const words = [...phrase].length > LONGEST_WHOLE ? wordsOf(phrase) : [phrase];
    pieces[pieces.length - 1] += words[0];
    pieces.push(...words.slice(1));
  }
  return pieces.filter(Boolean);
}

function wordsOf(phrase) {
  const words = [];
  for (const { segment, isWordLike } of new Intl.Segmenter("zh", { granularity: "word" }).segment(phrase)) {
    const joins = !isWordLike || !CHINESE.test(segment) || !words.length || !CHINESE.test(words.at(-1));
    if (joins && words.length) words[words.length - 1] += segment;
    else words.push(segment);
  }
  return words;
}

function textsBelow(element) {
  const texts = [], walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) texts.push(walker.currentNode);
  return texts;
}
