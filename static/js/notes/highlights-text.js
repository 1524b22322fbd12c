/**
 * The text of a lesson as one string without white space, and the mapping from its positions back to the document.
 *
 * White space is insignificant here: a sentence is the same if a line is broken elsewhere in the source.
 * What scripts add or readers change (labs, quizzes, buttons, notes) is not part of the text.
 */
const skipped = "svg, script, style, template, noscript, form, button, .lab, .quiz, figure.interactive, .glossary, .footnote-ref, .heading-anchor, .copy-button, [data-note-ui]";
const blocks = "p, li, h2, h3, h4, h5, h6, td, th, pre, blockquote, figcaption, summary, dt, dd, div";

/** `text`; `nodes` with the position in `text` where each begins; `headings`: {anchor, at, element}, in order. */
export function readText(root) {
  const nodes = [];
  const headings = [];
  let text = "";
  const filter = (node) => {
    if (node.nodeType === Node.TEXT_NODE) return NodeFilter.FILTER_ACCEPT;
    if (node.matches(skipped)) return NodeFilter.FILTER_REJECT;
    if (node.matches("h2[id], h3[id]")) headings.push({ anchor: node.id, at: text.length, element: node });
    return NodeFilter.FILTER_SKIP;
  };
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT, filter);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    nodes.push({ node, at: text.length });
    text += node.data.replace(/\s+/g, "");
  }
  return { root, text, nodes, headings };
}

/** The document's Range of [start, end) in the text. */
export function rangeOf(reading, start, end) {
  const range = document.createRange();
  range.setStart(...pointOf(reading, start));
  range.setEnd(...pointOf(reading, end - 1, 1));
  return range;
}

/** The start and end of a Range in the text: [start, end); equal if it covers none of it. */
export function placeOf(reading, range) {
  const start = offsetOf(reading, range.startContainer, range.startOffset);
  const end = offsetOf(reading, range.endContainer, range.endOffset);
  return [Math.min(start, end), end];
}

/** The readable text of [start, end): white space is collapsed, and one space separates blocks. */
export function wordsOf(reading, start, end) {
  let words = "";
  let block = null;
  for (const { node, at } of reading.nodes) {
    const length = node.data.replace(/\s+/g, "").length;
    if (at + length <= start || at >= end) {
      if (at > start && at < end) words += " ";
      continue;
    }
    const from = at >= start ? 0 : pointOf(reading, start)[1];
    const to = at + length <= end ? node.data.length : pointOf(reading, end - 1, 1)[1];
    const own = node.parentElement.closest(blocks);
    if (block && own !== block) words += " ";
    block = own;
    words += node.data.slice(from, to);
  }
  return words.replace(/\s+/g, " ").trim();
}

/** The anchor of the heading above a position, "" above the first. */
export function anchorAt(reading, place) {
  return reading.headings.findLast((heading) => heading.at <= place)?.anchor ?? "";
}

/** [from, to) of a heading's section; of the text above the first for ""; null if there is no such heading. */
export function sectionOf(reading, anchor) {
  const index = reading.headings.findIndex((heading) => heading.anchor === anchor);
  if (anchor && index < 0) return null;
  return [anchor ? reading.headings[index].at : 0, reading.headings[index + 1]?.at ?? reading.text.length];
}

function pointOf({ nodes }, place, after = 0) {
  let low = 0;
  let high = nodes.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (nodes[middle].at <= place) low = middle;
    else high = middle - 1;
  }
  const { node, at } = nodes[low];
  let left = place - at;
  for (let offset = 0; offset < node.data.length; offset += 1) {
    if (/\s/.test(node.data[offset])) continue;
    if (left === 0) return [node, offset + after];
    left -= 1;
  }
  return [node, node.data.length];
}

/** Length of the text before a point of the document. */
function offsetOf({ nodes }, container, offset) {
  const point = document.createRange();
  point.setStart(container, offset);
  let before = 0;
  for (const { node, at } of nodes) {
    if (node === container) return at + node.data.slice(0, offset).replace(/\s+/g, "").length;
    if (point.comparePoint(node, 0) > 0) return before;
    before = at + node.data.replace(/\s+/g, "").length;
  }
  return before;
}
