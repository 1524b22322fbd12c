/**
 * Keyboard control of the moderation queue, one key per decision: j and k move between comments, 1 to 5 choose the reason, z
 * undoes the last decision, and the other keys press the button with their `data-key`. The forms are the server's own and are
 * sent in the background (fragment-form.js).
 */
const typing = "input, textarea, select, [contenteditable]";

export function startModeration(queue) {
  const decided = [...document.querySelectorAll("[data-decided]")];
  document.addEventListener("contentchange", ({ target }) => {
    const isDecided = target.matches("[data-decided]");
    if (!isDecided && !target.matches("[data-renewed]")) return;
    if (isDecided) decided.push(target);
    // A moderator who has moved on meanwhile stays there; one who waited has lost the focus with the old item.
    const elsewhere = document.activeElement === document.body ? null : document.activeElement;
    // After the form has moved the focus to its response.
    queueMicrotask(() => (elsewhere ? elsewhere.focus({ preventScroll: true }) : isDecided && select(next(target, 1) ?? target)));
  });
  document.addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (event.defaultPrevented || event.isComposing || event.repeat || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (localStorage.getItem("sophora.keys") === "off") return;
    if (target.matches?.(typing)) {
      if (key === "Escape") select(target.closest("[data-item]"));
      return;
    }
    if (press(key)) event.preventDefault();
  });
  if (document.activeElement === document.body) select(queue.querySelector("[data-item]:not([data-decided])"), { preventScroll: true });

  function press(key) {
    const current = document.activeElement?.closest("[data-item]");
    if (key === "j" || key === "k") return select(next(current, key === "j" ? 1 : -1) ?? current);
    if (key === "z") return takeBack();
    if (!current) return false;
    const reason = current.querySelector("[data-reason]");
    if (reason && Number(key) >= 1 && Number(key) <= reason.options.length) {
      reason.selectedIndex = Number(key) - 1;
      return true;
    }
    const button = current.querySelector(`[data-key="${CSS.escape(key)}"]`);
    button?.click();
    return Boolean(button);
  }

  /** The comment after (1) or before (-1) `item` that waits for a decision. */
  function next(item, step) {
    const items = [...queue.querySelectorAll("[data-item]")];
    const waits = (other) => !other.matches("[data-decided]");
    if (!items.includes(item)) return items.find(waits);
    const others = step > 0 ? items.slice(items.indexOf(item) + 1) : items.slice(0, items.indexOf(item)).reverse();
    return others.find(waits);
  }

  function takeBack() {
    const latest = decided.findLast((line) => line.isConnected);
    latest?.querySelector("[data-undo]").click();
    return Boolean(latest);
  }
}

function select(item, { preventScroll = false } = {}) {
  if (!item) return false;
  item.focus({ preventScroll: true });
  if (!preventScroll) item.scrollIntoView({ block: "nearest" });
  return true;
}
