/**
 * Keyboard shortcuts of a lesson's page: left and right between lessons, j and k between sections, `?` for the list. Never in
 * a form field, nor where arrow keys have a meaning of their own (a figure, a scrolling element); they can be switched off,
 * as speech input may trigger single letters by mistake.
 */
const storeKey = "sophora.keys";
const busy = "input, textarea, select, video, audio, canvas, [contenteditable], [tabindex='0'], [role='slider'], figure.interactive *, dialog *";

export function startKeyboard() {
  const help = document.querySelector("[data-keyboard-help]");
  if (!help) return;
  const keySwitch = help.querySelector("[data-keyboard-switch]");
  keySwitch.checked = localStorage.getItem(storeKey) !== "off";
  keySwitch.addEventListener("change", () => localStorage.setItem(storeKey, keySwitch.checked ? "on" : "off"));
  document.addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey || target.closest?.(busy)) return;
    if (key === "?") help.showModal(); // leads to the switch, so it always works
    else if (keySwitch.checked && key in actions && !event.shiftKey) actions[key]();
    else return;
    event.preventDefault();
  });
}

const actions = {
  ArrowLeft: () => follow("prev"),
  ArrowRight: () => follow("next"),
  j: () => toSection(1),
  k: () => toSection(-1),
};

function follow(direction) {
  document.querySelector(`.lesson-nav a[rel="${direction}"]`)?.click();
}

/** To the next heading, or the one above: from the focus, otherwise from the viewport. The focus moves along. */
function toSection(direction) {
  const headings = [...document.querySelectorAll(".lesson > .prose > :is(h2, h3)[id]")];
  const heading = headings[nextIndex(headings, direction)];
  if (!heading) {
    if (direction < 0) scrollTo({ top: 0 });
    return;
  }
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
  heading.scrollIntoView();
}

function nextIndex(headings, direction) {
  const top = (heading) => heading.getBoundingClientRect().top;
  const focused = headings.indexOf(document.activeElement);
  // A heading scrolled out of view does not tell where its reader is.
  if (focused >= 0 && Math.abs(top(headings[focused])) < innerHeight / 2) return focused + direction;
  const below = headings.findIndex((heading) => top(heading) > 0);
  const next = below < 0 ? headings.length : below;
  return direction > 0 ? next : next - 1;
}
