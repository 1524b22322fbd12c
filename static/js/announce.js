/**
 * What others add while a page is open is offered, not pushed in: a quiet button counts it. The button floats, and what it
 * brings in above the reader's place is balanced by scrolling: what is being read stays where it is.
 */

/**
 * `<button data-show-new>` in the section, with the words for `count`; none for 0. `words`: { one, many } with "{count}".
 * Say 0 at the start: a screen reader speaks of what comes into a place that was there before.
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

/** Whoever pressed the button wants to see what it brought. */
export function goTo(element) {
  if (!element) return;
  element.tabIndex = -1;
  element.focus({ preventScroll: true });
  element.scrollIntoView({ block: "center", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
}
