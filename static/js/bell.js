/**
 * The bell in the header: its number follows the events "unread" of the reader's own topic, which live.js brings to the
 * document as "live:unread". A link to a notification's place says on the way that it was read; so does that place itself, for
 * who comes there by another way (a link in a mail, say).
 */
import { fetchFragment } from "./fetch-fragment.js";

const PLACES = /^\/(review|moderation|(comments|jobs|check-ins)\/[0-9a-f-]{36})$/;
// What comes within so short a time is said once.
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
    // Empty at first: a screen reader speaks of what comes into a place that was there before.
    this.voice = document.createElement("span");
    this.voice.className = "visually-hidden";
    this.voice.role = "status";
    element.after(this.voice);
  }

  /** What came while the page was out of reach. */
  async ask() {
    try {
      const answer = await fetch("/notifications/unread", { headers: { Accept: "application/json" } });
      if (answer.ok) this.show((await answer.json()).count);
    } catch {
      // Still out of reach: the next connection asks again.
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

  /** Only that there is more is worth an interruption. */
  #say(words) {
    clearTimeout(this.timer);
    this.voice.textContent = "";
    if (words) this.timer = setTimeout(() => { this.voice.textContent = words; }, SAID_AFTER_MS);
  }
}

/** The page may go away at once: the request outlives it. */
function note(link) {
  tell(link.dataset.told);
  delete link.dataset.told;
  link.closest(".told-entry")?.classList.remove("told-new");
  link.closest(".told-entry")?.querySelector(".told-mark")?.remove();
}

/** A comment's own address leads to where it stands. */
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
