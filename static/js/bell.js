/**
 * The bell in the header: its number follows the events "unread" of the reader's own topic, which live.js brings to the
 * document as "live:unread". A link to a notification's place says on the way that it was read.
 */
export function startBell() {
  const bell = document.querySelector("[data-bell]");
  if (!bell) return;
  document.addEventListener("live:unread", ({ detail }) => show(bell, Number(detail.count) || 0));
  document.addEventListener("live:hello", ({ detail }) => detail.isAgain && ask(bell));
  document.addEventListener("click", ({ target }) => {
    const link = target instanceof Element ? target.closest("[data-told]") : null;
    if (link) note(link);
  });
}

/** What came while the page was out of reach. */
async function ask(bell) {
  try {
    const answer = await fetch("/notifications/unread", { headers: { Accept: "application/json" } });
    if (answer.ok) show(bell, (await answer.json()).count);
  } catch {
    // Still out of reach: the next hello asks again.
  }
}

function show(bell, count) {
  const number = bell.querySelector("[data-bell-count]");
  number.textContent = count > 99 ? "99+" : String(count);
  number.hidden = count === 0;
  bell.setAttribute("aria-label", count ? bell.dataset.labelUnread.replace("{count}", count) : bell.dataset.label);
}

/** The page may go away at once: the request outlives it. */
function note(link) {
  fetch(link.dataset.told, { method: "POST", keepalive: true, headers: { "X-Fragment": "1" } }).catch(() => {});
  delete link.dataset.told;
  link.closest(".told-entry")?.classList.remove("told-new");
  link.closest(".told-entry")?.querySelector(".told-mark")?.remove();
}
