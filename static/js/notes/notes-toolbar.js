/**
 * Two buttons beside selected text: mark it, or write a note. By keyboard: with text selected, Tab moves to them
 * and Escape back.
 */
import { anchorAt, rangeOf, wordsOf } from "./highlights-text.js";

const longest = 2000;
const around = 32;

/** @param {import("./notes.js").LessonNotes} lesson */
export function offerNotes(lesson) {
  const toolbar = lesson.template("toolbar");
  const buttons = [...toolbar.querySelectorAll("button")];
  const tooLong = toolbar.querySelector("[data-note-too-long]");
  toolbar.hidden = true;
  document.body.append(toolbar);
  let selected = null;
  let isPressed = false;
  let waiting = 0;

  const hide = () => { toolbar.hidden = true; selected = null; };
  const look = () => {
    if (isPressed || toolbar.contains(document.activeElement)) return;
    const found = lesson.selectedPlace();
    if (!found) return hide();
    const isNew = toolbar.hidden;
    selected = passageOf(found);
    const isTooLong = selected.quote.length > longest;
    for (const button of buttons) button.hidden = isTooLong;
    tooLong.hidden = !isTooLong;
    toolbar.hidden = false;
    put(toolbar, rangeOf(found.reading, ...found.place));
    if (isNew) lesson.say(lesson.status.dataset.textOffered);
  };
  const lookSoon = () => { clearTimeout(waiting); waiting = setTimeout(look, 150); };

  document.addEventListener("selectionchange", lookSoon);
  document.addEventListener("pointerdown", (event) => { isPressed = !toolbar.contains(event.target); });
  for (const kind of ["pointerup", "pointercancel"]) document.addEventListener(kind, () => { isPressed = false; lookSoon(); });
  addEventListener("scroll", () => { if (!toolbar.hidden) lookSoon(); }, { passive: true });
  toolbar.addEventListener("pointerdown", (event) => event.preventDefault()); // keeps the selection
  document.addEventListener("keydown", (event) => {
    if (toolbar.hidden) return;
    if (event.key === "Escape") {
      hide();
      if (toolbar.contains(event.target)) document.querySelector("main").focus({ preventScroll: true });
    } else if (event.key === "Tab" && !event.shiftKey && !toolbar.contains(event.target) && tooLong.hidden) {
      event.preventDefault();
      buttons[0].focus({ preventScroll: true });
    }
  });
  toolbar.addEventListener("focusout", (event) => { if (!toolbar.contains(event.relatedTarget)) lookSoon(); });
  toolbar.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button || !selected) return;
    const passage = selected;
    hide();
    getSelection().removeAllRanges();
    if (button.matches("[data-note-mark]")) mark(lesson, passage);
    else write(lesson, passage);
  });
}

function passageOf({ reading, place: [start, end] }) {
  return {
    place: [start, end],
    quote: wordsOf(reading, start, end),
    prefix: reading.text.slice(Math.max(0, start - around), start),
    suffix: reading.text.slice(end, end + around),
    anchor: anchorAt(reading, start),
  };
}

function formFor(lesson, passage) {
  const form = lesson.template("editor");
  for (const name of ["quote", "prefix", "suffix", "anchor"]) {
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name, value: passage[name] });
    form.append(field);
  }
  form.querySelector("[data-note-quote]").textContent = passage.quote;
  return form;
}

/** A passage is marked only once: if it is already, its note opens. */
function sameAs(lesson, passage) {
  return lesson.notes.find(({ place }) => place && place[0] === passage.place[0] && place[1] === passage.place[1]);
}

function mark(lesson, passage) {
  const there = sameAs(lesson, passage);
  if (there) lesson.open([there]);
  else lesson.send(formFor(lesson, passage));
}

function write(lesson, passage) {
  const there = sameAs(lesson, passage);
  if (there) {
    lesson.open([there]);
    return;
  }
  lesson.draw(passage.place);
  const form = formFor(lesson, passage);
  form.querySelector("textarea").dataset.noteFirst = "";
  lesson.card.open([form], () => lesson.rectOf(passage.place));
}

/** Below the end of the selection: phones show their own buttons above it. */
function put(toolbar, range) {
  const rects = range.getClientRects();
  const end = rects[rects.length - 1];
  const margin = 8;
  const { offsetWidth: width, offsetHeight: height } = toolbar;
  const isCoarse = matchMedia("(pointer: coarse)").matches;
  const left = Math.min(Math.max(margin, end.right - width / 2), document.documentElement.clientWidth - width - margin);
  const below = end.bottom + (isCoarse ? 28 : margin);
  const top = below + height + margin < innerHeight ? below : end.top - height - margin;
  toolbar.style.left = `${left}px`;
  toolbar.style.top = `${Math.max(margin, top)}px`;
}
