/**
 * New content from others is offered, not inserted: a quiet button counts it. The button floats, and when it inserts
 * something above the viewport, scrolling compensates: the text being read does not move.
 */

/**
 * `<button data-show-new>` in the section, labelled for `count`; hidden for 0. `words`: { one, many } with "{count}".
 * Call it with 0 at the start: a screen reader announces only changes of an existing live region.
 */
export function announce(section, count, words) {
  const place = section.querySelector("[data-new-place]") ?? section.appendChild(newPlace());
  if (!count) return place.replaceChildren();
  if (!place.firstElementChild) place.innerHTML = '<button type="button" class="button" data-show-new></button>';
  place.firstElementChild.textContent = count === 1 ? words.one : words.many.replace("{count}", count);
}

function newPlace() {
  const place = document.createElement("p");
  place.className = "announce";
  place.dataset.newPlace = "";
  place.role = "status";
  return place;
}

/** Browsers without scroll anchoring would let the text jump. */
export function keepPlace(change) {
  const anchor = document.elementFromPoint(innerWidth / 2, innerHeight / 2);
  const before = anchor?.getBoundingClientRect().top;
  change();
  if (anchor?.isConnected) scrollBy({ top: anchor.getBoundingClientRect().top - before, behavior: "instant" });
}

/** Whoever pressed the button wants to see the new entries. */
export function goTo(element) {
  if (!element) return;
  element.tabIndex = -1;
  element.focus({ preventScroll: true });
  element.scrollIntoView({ block: "center", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
}
