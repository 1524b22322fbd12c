/**
 * Notes and highlights on a lesson. The server sends the list of notes as HTML (templates/notes/_list.html); this finds
 * each note's passage in the text, draws it, and puts a small button at the end of its line; a note whose passage is gone
 * is shown at the end of its section. All forms are the server's own; they are sent in the background.
 */
import { findPassage } from "./highlights-search.js";
import { placeOf, rangeOf, readText, sectionOf } from "./highlights-text.js";
import { drawHighlights } from "./highlights.js";
import { NoteCard } from "./notes-card.js";
import { offerNotes } from "./notes-toolbar.js";
import { fetchFragment } from "../fetch-fragment.js";

export function startNotes(section) {
  const prose = document.querySelector(".lesson > .prose");
  if (prose) new LessonNotes(section, prose).start();
}

class LessonNotes {
  notes = [];

  constructor(section, prose) {
    this.section = section;
    this.prose = prose;
    this.status = section.querySelector("[data-note-status]");
    this.card = new NoteCard(this.template("card"), () => this.draw());
  }

  async start() {
    offerNotes(this);
    document.addEventListener("submit", (event) => {
      if (!event.target.matches("form[data-note-form]")) return;
      event.preventDefault();
      this.send(event.target);
    });
    this.prose.addEventListener("click", (event) => this.openAt(event));
    try {
      const answer = await fetchFragment(this.section.dataset.notes);
      if (answer.ok) this.replaceList(await answer.text());
    } catch {
      return; // without a network there is at least the text
    }
    this.openAsked();
  }

  template(name) {
    return document.importNode(this.section.querySelector(`template[data-note-${name}]`).content.firstElementChild, true);
  }

  say(sentence) {
    this.status.textContent = "";
    setTimeout(() => { this.status.textContent = sentence; }, 50);
  }

  /** Take the server's list and show each note at its passage. */
  replaceList(html) {
    const list = document.createRange().createContextualFragment(html).firstElementChild;
    this.section.querySelector("[data-note-list]").replaceWith(list);
    this.place();
    list.dispatchEvent(new CustomEvent("contentchange", { bubbles: true }));
  }

  place() {
    for (const old of this.prose.querySelectorAll(".note-marker, .note-changed")) old.remove();
    drawHighlights(this.prose, { passage: [], "passage-noted": [], "passage-open": [] });
    const reading = readText(this.prose);
    this.notes = [...this.section.querySelectorAll("[data-note-list] [data-note]")].map((item) => {
      const { note: id, quote, prefix, suffix, anchor } = item.dataset;
      const place = quote ? findPassage(reading.text, { quote, prefix, suffix }, sectionOf(reading, anchor)) : null;
      return { id, item, quote, anchor, place, isNoted: Boolean(item.querySelector(".note-text")) };
    });
    this.sortList(reading.text.length);
    for (const note of this.notes) {
      if (note.place) this.addMarker(note, reading);
      else if (note.quote) this.addChanged(note, reading);
      const go = note.item.querySelector("[data-note-go]");
      go.hidden = !note.place;
      go.addEventListener("click", () => this.show(note));
    }
    this.draw();
  }

  sortList(length) {
    const at = (note) => note.place?.[0] ?? length;
    const sorted = [...this.notes].sort((a, b) => at(a) - at(b));
    for (const { item } of sorted) item.parentElement.append(item);
  }

  /** Draw all passages; `open` is the one being edited or viewed. */
  draw(open = null) {
    const reading = readText(this.prose);
    const ranges = { passage: [], "passage-noted": [], "passage-open": [] };
    for (const note of this.notes) {
      if (note.place) ranges[note.isNoted ? "passage-noted" : "passage"].push(rangeOf(reading, ...note.place));
    }
    if (open) ranges["passage-open"].push(rangeOf(reading, ...open));
    drawHighlights(this.prose, ranges);
  }

  rectOf(place) {
    const rects = rangeOf(readText(this.prose), ...place).getClientRects();
    return rects[rects.length - 1] ?? this.prose.getBoundingClientRect();
  }

  addMarker(note, reading) {
    const end = rangeOf(reading, note.place[1] - 1, note.place[1]).startContainer.parentElement;
    const block = end.closest(".code, .table-scroll, .formula") ?? end.closest("p, li, h2, h3, h4, figcaption, summary, blockquote, div") ?? this.prose;
    note.marker = block.querySelector(":scope > .note-marker");
    if (!note.marker) {
      note.marker = this.template("marker");
      block.append(note.marker);
      note.marker.addEventListener("click", (event) => {
        event.preventDefault(); // in a <summary>, for example
        this.open(this.notes.filter((other) => other.marker === event.currentTarget));
      });
    }
  }

  addChanged(note, reading) {
    const aside = this.template("changed");
    aside.querySelector("[data-note-body]").append(copyOf(note.item));
    aside.dataset.changedNote = note.id;
    const index = reading.headings.findIndex(({ anchor }) => anchor === note.anchor);
    const isKnown = index >= 0 || !note.anchor;
    const next = isKnown ? reading.headings.slice(index + 1).find(({ element }) => element.parentElement === this.prose)?.element : null;
    this.prose.insertBefore(aside, next ?? this.prose.querySelector(":scope > .glossary"));
  }

  /** Clicking a drawn passage opens its note; links and controls in it keep working. */
  openAt(event) {
    if (event.target.closest("a, button, summary, input, textarea, select, label, dfn, [data-note-ui]") || !getSelection().isCollapsed) return;
    const reading = readText(this.prose);
    const isHit = ({ left, right, top, bottom }) => event.clientX >= left && event.clientX <= right && event.clientY >= top && event.clientY <= bottom;
    const hit = this.notes.filter((note) => note.place && [...rangeOf(reading, ...note.place).getClientRects()].some(isHit));
    if (hit.length) this.open(hit);
  }

  open(notes) {
    const [first] = notes;
    this.draw(first.place);
    const bodies = notes.map((note) => copyOf(note.item));
    this.card.open(bodies, () => this.rectOf(first.place), first.marker);
  }

  show(note) {
    const start = rangeOf(readText(this.prose), ...note.place).startContainer.parentElement;
    for (let fold = start.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    start.scrollIntoView({ block: "center", behavior: "instant" });
    this.open([note]);
  }

  /** `?note=…`, from the list of all notes or from a search, scrolls to the passage itself. */
  openAsked() {
    const asked = new URLSearchParams(location.search).get("note");
    const note = this.notes.find(({ id }) => id === asked);
    if (!note) return;
    if (note.place) this.show(note);
    else (this.prose.querySelector(`[data-changed-note="${CSS.escape(note.id)}"]`) ?? note.item).scrollIntoView({ block: "center", behavior: "instant" });
  }

  /** The passage of the selected text: null if none of the lesson's text is selected. */
  selectedPlace() {
    const selection = getSelection();
    if (selection.isCollapsed || !selection.rangeCount) return null;
    const range = selection.getRangeAt(0);
    if (!this.prose.contains(range.startContainer) && !this.prose.contains(range.endContainer)) return null;
    const reading = readText(this.prose);
    const [start, end] = placeOf(reading, range);
    return end > start ? { reading, place: [start, end] } : null;
  }

  async send(form) {
    if (form.ariaBusy === "true") return; // a double click sends once
    form.ariaBusy = "true";
    const problem = form.querySelector("[data-note-problem]");
    try {
      const answer = await fetchFragment(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
      const html = await answer.text();
      if (answer.ok) return this.sent(form, html);
      const told = document.createRange().createContextualFragment(html).textContent.trim();
      this.complain(problem, told);
    } catch {
      this.complain(problem, this.status.dataset.textOffline);
    }
    form.ariaBusy = "false";
  }

  complain(problem, sentence) {
    if (problem) {
      problem.textContent = sentence;
      problem.className = "field-error";
      problem.setAttribute("role", "alert");
    } else this.say(sentence);
  }

  sent(form, html) {
    const wasInList = this.section.contains(form);
    const rect = form.getBoundingClientRect();
    this.replaceList(html);
    const undo = this.section.querySelector("[data-note-list] .note-undo");
    if (undo && wasInList) undo.querySelector("button").focus();
    else if (undo) this.offerUndo(undo.cloneNode(true), rect);
    else {
      this.card.close();
      this.say(this.status.dataset.textKept);
      if (wasInList) this.focusList(form);
    }
  }

  /** At the deleted note's place, not at the end of the page. */
  offerUndo(undo, rect) {
    undo.querySelector("button").dataset.noteFirst = "";
    this.card.open([undo], () => rect);
  }

  /** The form sent from the list is gone; the focus stays on the list. */
  focusList(form) {
    form.reset();
    const list = this.section.querySelector("[data-note-list]");
    list.tabIndex = -1;
    list.focus({ preventScroll: true });
  }
}

/** A copy of a note's content from the list. */
function copyOf(item) {
  const copy = document.createElement("div");
  copy.className = "note";
  copy.append(...item.cloneNode(true).childNodes);
  copy.querySelector("[data-note-go]").remove();
  return copy;
}
