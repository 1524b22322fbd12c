/**
 * A lab with trainings of its reader: the newest is shown where the lab stands, live. What proposes another one opens the form with
 * its settings, changed as proposed.
 */
import { fetchFragment } from "../fetch-fragment.js";
import { insertFragment } from "../fragment-form.js";
import { fieldsOf, isChoice, stateOf } from "../kept-typed.js";
import { repeat } from "../live/repeat.js";

const NEAR = "600px 0px";

/** `<div data-lab-run="/jobs/ID/lab">`, see templates/labs/_lab.html. */
export function startLabRun(place) {
  const again = new AnotherTraining(place.closest(".lab-work"));
  place.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-again]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    again.open(new URL(link.href).searchParams);
  });
  place.addEventListener("runended", () => show(place));
  new IntersectionObserver((entries, observer) => {
    if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
    observer.disconnect();
    show(place);
  }, { rootMargin: NEAR }).observe(place);
}

/** Asks until there is an answer: the network may be gone just when a training ends. */
function show(place) {
  repeat(async () => {
    if (!place.isConnected) return null;
    const answer = await fetchFragment(place.dataset.labRun);
    if (answer.status >= 500 || answer.status === 429) throw new Error(`${place.dataset.labRun}: ${answer.status}`);
    if (!answer.ok || answer.redirected) return null; // signed out, or deleted meanwhile: the list below leads on
    const html = await answer.text();
    const wasInside = place.contains(document.activeElement) && document.activeElement !== place;
    insertFragment(html, (fragment) => place.replaceChildren(fragment));
    if (wasInside) place.focus({ preventScroll: true });
    place.dispatchEvent(new CustomEvent("contentchange", { bubbles: true }));
    return null;
  });
}

class AnotherTraining {
  constructor(work) {
    this.fold = work.querySelector(".lab-again");
    this.form = this.fold.querySelector("form");
    this.last = JSON.parse(this.fold.dataset.last);
    // Opened by hand, it has the last settings too, unless something was typed before.
    this.fold.addEventListener("toggle", () => {
      if (this.fold.open && !fieldsOf(this.form).some((field) => stateOf(field).isChanged)) this.#fill(this.last);
    });
  }

  open(asked) {
    const setting = asked.get("setting");
    this.fold.open = true;
    this.#fill(setting ? { ...this.last, [setting]: asked.get("value") } : this.last);
    const fields = fieldsOf(this.form);
    const field = fields.find(({ name }) => name === setting) ?? fields[0];
    field?.closest("details")?.setAttribute("open", "");
    field?.focus();
  }

  #fill(values) {
    for (const field of fieldsOf(this.form)) {
      if (!(field.name in values)) continue;
      const value = values[field.name];
      if (field.type === "checkbox") field.checked = value === "on";
      else if (isChoice(field)) field.checked = field.value === value;
      else field.value = value;
      field.dispatchEvent(new Event("input", { bubbles: true })); // its slider and the forecast follow
    }
  }
}
