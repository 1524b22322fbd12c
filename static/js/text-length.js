/**
 * `data-longest="4000"` on a field: from half of that on a counter is shown below it, and beyond it a message. Nothing is cut
 * off, and the form can be sent: the server refuses it and keeps the text.
 */
const fields = "[data-longest]";

export function startTextLengths(root) {
  if (!startTextLengths.isListening) document.addEventListener("input", ({ target }) => { if (target.matches?.(fields)) show(target); });
  startTextLengths.isListening = true;
  for (const field of root.querySelectorAll(fields)) show(field);
}

/** Counted like on the server: code points rather than UTF-16 units, without surrounding white space. */
export function lengthOf(text) {
  return [...text.trim()].length;
}

function show(field) {
  const longest = Number(field.dataset.longest);
  const count = lengthOf(field.value);
  const place = placeOf(field);
  if (!place && count < longest / 2) return;
  const line = place ?? makePlace(field);
  const isTooLong = count > longest;
  line.hidden = count < longest / 2;
  line.classList.toggle("field-count-over", isTooLong);
  const { textCount, textTooLong } = document.body.dataset;
  const format = (number) => number.toLocaleString("en");
  line.firstElementChild.textContent = isTooLong ? "" : textCount.replace("{count}", format(count)).replace("{longest}", format(longest));
  // Announced when it appears, not on each keystroke.
  const sentence = isTooLong ? textTooLong.replace("{count}", format(count)).replace("{longest}", format(longest)) : "";
  line.lastElementChild.textContent = sentence;
}

function placeOf(field) {
  const next = field.nextElementSibling;
  return next?.matches(".field-count") ? next : null;
}

function makePlace(field) {
  const line = document.createElement("p");
  line.className = "field-count";
  const count = document.createElement("span");
  const sentence = document.createElement("span");
  sentence.role = "status";
  line.append(count, sentence);
  field.after(line);
  return line;
}
