/**
 * The bell in the header: its number follows the events "unread" of the reader's own topic, which live.js dispatches on the
 * document as "live:unread". Following a link to a notification's subject marks it as read; so does opening that page in any
 * other way (by a link in a mail, for example).
 */
import { fetchFragment } from "./fetch-fragment.js";

const PLACES = /^\/(review|moderation|(comments|jobs|check-ins)\/[0-9a-f-]{36})$/;
// Events within this time are announced together.
const SAID_AFTER_MS = 1000;

export function startBell() {
  const element = document.querySelector("[data-bell]");
  if (!element) return;
  const bell = new Bell(element);
  document.addEventListener("live:unread", ({ detail }) => bell.show(Number(detail.count) || 0));
  document.addEventListener("live:lost", ({ detail }) => { if (detail.topic === "user") bell.ask(); });
  document.addEventListener("click", ({ target }) => {
    const link = target instanceof Element ? target.closest("[data-told]") : null;
    if (link) note(link);
  });
  if (bell.count) noteVisit(bell);
}

class Bell {
  constructor(element) {
    this.element = element;
    this.number = element.querySelector("[data-bell-count]");
    this.count = parseInt(this.number.textContent, 10);
    // Empty at first: a screen reader announces only changes of an existing live region.
    this.voice = document.createElement("span");
    this.voice.className = "visually-hidden";
    this.voice.role = "status";
    element.after(this.voice);
  }

  /** Catch up after the page was offline. */
  async ask() {
    try {
      const answer = await fetch("/notifications/unread", { headers: { Accept: "application/json" } });
      if (answer.ok) this.show((await answer.json()).count);
    } catch {
      // Still offline: the next connection asks again.
    }
  }

  show(count) {
    const { label, labelUnread } = this.element.dataset;
    const words = count ? labelUnread.replace("{count}", count) : label;
    this.number.textContent = count > 99 ? "99+" : String(count);
    this.number.hidden = count === 0;
    this.element.setAttribute("aria-label", words);
    this.#say(count > this.count ? words : "");
    this.count = count;
  }

  /** Only an increase is worth an interruption. */
  #say(words) {
    clearTimeout(this.timer);
    this.voice.textContent = "";
    if (words) this.timer = setTimeout(() => { this.voice.textContent = words; }, SAID_AFTER_MS);
  }
}

/** The page may unload at once: the request outlives it. */
function note(link) {
  tell(link.dataset.told);
  delete link.dataset.told;
  link.closest(".told-entry")?.classList.remove("told-new");
  link.closest(".told-entry")?.querySelector(".told-mark")?.remove();
}

/** A comment's permalink redirects to the page that shows it. */
async function noteVisit(bell) {
  const comment = location.hash.match(/^#comment-(.{36})$/);
  const place = comment ? `/comments/${comment[1]}` : location.pathname;
  if (!PLACES.test(place)) return;
  await tell("/notifications/readings", new URLSearchParams({ place }));
  await bell.ask();
}

function tell(address, body) {
  return fetchFragment(address, { method: "POST", body, keepalive: true }).catch(() => {});
}
