/** The marks that make a part of a text code: `in a line`, or a block with lines of its own. */

/** The replacement of `text` from `start` to `end`, and the range to select in it: the code. */
export function fenced(text, start, end) {
  const selected = text.slice(start, end);
  const longestRow = Math.max(0, ...[...selected.matchAll(/`+/g)].map(([row]) => row.length));
  const isInLine = selected !== "" && !selected.includes("\n") && !isWholeLine(text, start, end);
  if (isInLine) {
    const mark = "`".repeat(longestRow + 1);
    const space = longestRow ? " " : "";
    return { text: mark + space + selected + space + mark, from: mark.length + space.length, to: mark.length + space.length + selected.length };
  }
  const mark = "`".repeat(Math.max(3, longestRow + 1));
  const before = text.slice(0, start);
  const opening = `${before === "" || before.endsWith("\n") ? "" : "\n"}${mark}python\n`;
  const code = selected.replace(/\n$/, "");
  const closing = `\n${mark}${/^\n|^$/.test(text.slice(end)) && !selected.endsWith("\n") ? "" : "\n"}`;
  return { text: opening + code + closing, from: opening.length, to: opening.length + code.length };
}

function isWholeLine(text, start, end) {
  const isBegin = start === 0 || text[start - 1] === "\n";
  return isBegin && (end === text.length || text[end] === "\n") && /^\s|[(){}=;]/.test(text.slice(start, end));
}
