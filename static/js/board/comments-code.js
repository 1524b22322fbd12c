/**
 * The toolbar of a comment's form: a button that marks the selected text as code. Pasted or dropped pictures are refused with
 * a message that says what to do instead: comments contain no pictures.
 */
import { fenced } from "./code-marks.js";

export function helpToWrite(section) {
  section.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-insert-code]");
    if (button) makeCode(button.form.elements.body);
  });
  section.addEventListener("paste", (event) => refusePicture(event, event.clipboardData));
  section.addEventListener("drop", (event) => refusePicture(event, event.dataTransfer));
  section.addEventListener("input", ({ target }) => {
    if (target.matches("[data-comment-form] textarea")) target.form.querySelector("[data-picture-refused]")?.remove();
  });
}

function makeCode(text) {
  const { value, selectionStart: start, selectionEnd: end } = text;
  const made = fenced(value, start, end);
  text.focus();
  text.setRangeText(made.text, start, end, "end");
  text.setSelectionRange(start + made.from, start + made.to);
  text.dispatchEvent(new Event("input", { bubbles: true }));
}

/** Clipboard content that also has text, such as a spreadsheet cell, is pasted as text. */
function refusePicture(event, data) {
  const { target } = event;
  if (!target.matches?.("[data-comment-form] textarea") || !data) return;
  const isPicture = [...data.items].some(({ kind, type }) => kind === "file" && type.startsWith("image/"));
  if (!isPicture || data.getData("text/plain")) return;
  event.preventDefault();
  const tools = target.form.querySelector("[data-comment-tools]");
  const said = target.form.querySelector("[data-picture-refused]") ?? document.createElement("p");
  said.className = "field-error";
  said.dataset.pictureRefused = "";
  said.role = "alert";
  tools.after(said);
  said.textContent = tools.dataset.textPicture;
}
