/**
 * The admin's page of queues and workers, drawn anew by the server every few seconds. A list whose rows are the same has only its
 * cells renewed, so that the focus stays on the button that one is about to press.
 */
import { repeat } from "../live/repeat.js";
import { fetchFragment } from "../fetch-fragment.js";

const everySeconds = 3;

export function startConsole(section) {
  repeat(async () => {
    const answer = await fetchFragment(location.href);
    if (answer.status >= 500 || answer.status === 429) throw new Error(`console: ${answer.status}`);
    if (!answer.ok || answer.redirected) return null; // signed out meanwhile
    renew(section, new DOMParser().parseFromString(await answer.text(), "text/html"));
    section.dataset.renewed = String(Number(section.dataset.renewed ?? 0) + 1);
    return everySeconds;
  }, everySeconds);
}

export function renew(section, fresh) {
  for (const list of fresh.querySelectorAll("[data-list]")) {
    const place = section.querySelector(`[data-list="${CSS.escape(list.dataset.list)}"]`);
    if (!place) continue;
    if (place.dataset.signature === list.dataset.signature) renewCells(place, list);
    else replace(place, list);
  }
}

function renewCells(place, list) {
  const cells = place.querySelectorAll("[data-cell]");
  list.querySelectorAll("[data-cell]").forEach((cell, index) => {
    if (!cells[index] || cells[index].dataset.drawn === cell.innerHTML) return;
    cells[index].dataset.drawn = cell.innerHTML;
    cells[index].replaceChildren(...cell.childNodes);
    tell(cells[index]);
  });
}

function replace(place, list) {
  const focused = place.contains(document.activeElement) ? document.activeElement.id : "";
  place.dataset.signature = list.dataset.signature;
  place.replaceChildren(...list.childNodes);
  if (focused) document.getElementById(focused)?.focus();
  tell(place);
}

function tell(element) {
  element.dispatchEvent(new CustomEvent("contentchange", { bubbles: true }));
}
