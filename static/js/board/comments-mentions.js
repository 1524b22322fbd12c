/**
 * "@" in a comment suggests people, by the names that readers see. One is chosen by arrow keys and Enter, or by a click; the
 * text then contains `@name`, and a hidden field of the form maps it to the user, as `@[name](user:id)` one after another.
 */
import { labelFor, typedMention } from "./mention-notation.js";

const pause = 150;
// Only while there is a list; at other times it is a multi-line text field, which a combobox is not.
const asCombobox = { role: "combobox", "aria-autocomplete": "list", "aria-haspopup": "listbox", "aria-expanded": "true" };

export function offerPeople(section) {
  const list = document.createElement("ul");
  list.className = "mention-list";
  list.id = `people-${crypto.randomUUID?.() ?? Date.now()}`;
  list.role = "listbox";
  list.ariaLabel = section.querySelector("[data-live-words]")?.dataset.people ?? "@";
  list.hidden = true;
  const offer = new Offer(list);
  section.addEventListener("input", ({ target }) => offer.look(target));
  section.addEventListener("keydown", (event) => offer.key(event), true);
  document.addEventListener("selectionchange", () => offer.follow());
  section.addEventListener("focusout", ({ relatedTarget }) => { if (!list.contains(relatedTarget)) offer.close(); });
  // Before the text loses its focus.
  list.addEventListener("mousedown", (event) => {
    event.preventDefault();
    const option = event.target.closest("[role='option']");
    if (option) offer.choose(option);
  });
}

class Offer {
  text = null;
  timer = 0;

  constructor(list) {
    this.list = list;
  }

  look(target) {
    clearTimeout(this.timer);
    if (!target.matches?.("[data-comment-form] textarea")) return;
    const typed = typedOf(target);
    if (typed === null) this.close();
    else this.timer = setTimeout(() => this.ask(target, typed), pause);
  }

  async ask(text, typed) {
    const query = new URLSearchParams({ thread: text.form.dataset.thread, q: typed });
    try {
      const answer = await fetch(`/board/people?${query}`, { headers: { Accept: "application/json" } });
      const people = answer.ok ? await answer.json() : [];
      // More may have been typed meanwhile.
      if (typedOf(text) === typed && document.activeElement === text) this.open(text, people);
    } catch {
      this.close();
    }
  }

  open(text, people) {
    if (!people.length) return this.close();
    this.text = text;
    this.list.replaceChildren(...people.map(({ id, name, title, leaf }, index) => {
      const option = document.createElement("li");
      option.role = "option";
      option.id = `${this.list.id}-${index}`;
      option.dataset.user = id;
      option.dataset.name = name;
      option.append(leafOf(leaf), `@${name}`);
      if (title) {
        const badge = document.createElement("span");
        badge.className = "badge";
        badge.textContent = title;
        option.append(" ", badge);
      }
      return option;
    }));
    text.after(this.list);
    // Below the text, so that it does not cover what is being typed.
    this.list.style.top = `${text.offsetTop + text.offsetHeight}px`;
    this.list.hidden = false;
    for (const [name, value] of Object.entries({ ...asCombobox, "aria-controls": this.list.id })) text.setAttribute(name, value);
    this.select(this.list.firstElementChild);
  }

  /** The caret may leave the name without typing. */
  follow() {
    if (!this.list.hidden && typedOf(this.text) === null) this.close();
  }

  close() {
    clearTimeout(this.timer);
    if (this.list.hidden) return;
    this.list.hidden = true;
    for (const name of [...Object.keys(asCombobox), "aria-controls", "aria-activedescendant"]) this.text.removeAttribute(name);
  }

  select(option) {
    for (const other of this.list.children) other.ariaSelected = String(other === option);
    this.text.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  key(event) {
    this.follow(); // "selectionchange" comes a moment after the caret has moved
    if (this.list.hidden || event.target !== this.text || event.isComposing) return;
    const selected = this.list.querySelector("[aria-selected='true']");
    if (event.key === "ArrowDown") this.select(selected.nextElementSibling ?? this.list.firstElementChild);
    else if (event.key === "ArrowUp") this.select(selected.previousElementSibling ?? this.list.lastElementChild);
    else if ((event.key === "Enter" && !event.ctrlKey && !event.metaKey) || event.key === "Tab") this.choose(selected);
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  choose({ dataset }) {
    const { text } = this;
    const end = text.selectionStart;
    const start = end - typedOf(text).length - 1;
    const { mentions } = text.form.elements;
    const { label, noted } = labelFor(dataset.name, dataset.user, mentions.value);
    mentions.value = noted;
    text.setRangeText(`@${label} `, start, end, "end");
    this.close();
    text.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

/** The leaf that stands before a name, as `person_leaf` of templates/accounts/_person.html draws it. */
function leafOf({ tint, left, right, veins, tilt, shaded }) {
  const blades = drawn("g", { transform: `rotate(${tilt} 12 12)` });
  blades.append(
    drawn("path", { d: "M12 18V24" }),
    drawn("path", { class: "person-blade", d: left }),
    drawn("path", { class: shaded ? "person-blade person-shade" : "person-blade", d: right }),
    drawn("path", { class: "person-veins", d: veins }),
  );
  const leaf = drawn("svg", { class: "person-leaf", viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false", "data-tint": tint });
  leaf.append(blades);
  return leaf;
}

function drawn(tag, attributes) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

/** The text between the last "@" and the caret; null if no name is being typed. */
function typedOf(text) {
  return text.value.slice(0, text.selectionStart).match(typedMention)?.[1] ?? null;
}
