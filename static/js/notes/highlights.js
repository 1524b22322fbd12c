/**
 * Draws marks over passages. With the CSS Custom Highlight API the document stays unchanged; otherwise the
 * passages are wrapped in <mark>, and unwrapped before redrawing.
 */
const hasHighlights = typeof CSS !== "undefined" && "highlights" in CSS && typeof Highlight !== "undefined";

/** @param {Record<string, Range[]>} ranges by name: "passage", "passage-noted", "passage-open" */
export function drawHighlights(root, ranges) {
  if (hasHighlights) {
    for (const [name, list] of Object.entries(ranges)) CSS.highlights.set(name, new Highlight(...list));
    return;
  }
  for (const mark of root.querySelectorAll("mark.passage-mark")) {
    const parent = mark.parentNode;
    mark.replaceWith(...mark.childNodes);
    parent.normalize();
  }
  for (const [name, list] of Object.entries(ranges)) for (const range of list) wrap(range, name);
}

/** True if drawing changes text nodes, so that ranges must be recreated before the next drawing. */
export const drawingChangesNodes = !hasHighlights;

function wrap(range, name) {
  for (const [node, start, end] of textParts(range)) {
    const part = document.createRange();
    part.setStart(node, start);
    part.setEnd(node, end);
    const mark = document.createElement("mark");
    mark.className = `passage-mark ${name}`;
    part.surroundContents(mark);
  }
}

/** The text nodes of a range in reverse order: wrapping one leaves the preceding ones unchanged. */
function textParts(range) {
  const root = range.commonAncestorContainer;
  if (root.nodeType === Node.TEXT_NODE) return [[root, range.startOffset, range.endOffset]];
  const parts = [];
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (!range.intersectsNode(node) || !node.data.trim() || node.parentElement.closest("svg, math, [data-note-ui]")) continue;
    const start = node === range.startContainer ? range.startOffset : 0;
    const end = node === range.endContainer ? range.endOffset : node.data.length;
    if (end > start) parts.push([node, start, end]);
  }
  return parts.reverse();
}
