/**
 * The page of a sweep while it trains. Live events of its trainings say that something has changed; the server then draws the parts
 * that do, and only what differs is replaced, so that ticks and the focus stay.
 */
import { follow } from "../live.js";
import { repeat } from "../live/repeat.js";
import { fetchFragment } from "../fetch-fragment.js";

const pause = 700;
const slowSeconds = 20;
const news = new Set(["phase", "epoch", "rewind", "state", "lost"]);

export function startSweep(section) {
  if ("over" in section.dataset) return;
  const leave = new Map();
  let timer = 0;
  let isStale = false;

  const stop = () => {
    for (const end of leave.values()) end();
    leave.clear();
    return null;
  };
  const ask = async () => {
    isStale = false;
    const answer = await fetchFragment(location.pathname);
    if (answer.status >= 500 || answer.status === 429) throw new Error(`sweep: ${answer.status}`);
    if (!answer.ok) return stop(); // signed out, or deleted meanwhile
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    replaceParts(section, fresh);
    for (const row of fresh.querySelectorAll("[data-run]")) {
      if (!isEnded(row)) continue;
      leave.get(row.dataset.run)?.();
      leave.delete(row.dataset.run);
    }
    if (fresh.querySelector("[data-over]")) {
      section.dataset.over = "";
      return stop();
    }
    return isStale ? pause / 1000 : slowSeconds;
  };
  // At once: what happened before the live events are followed is not missed.
  const asked = repeat(ask);
  const soon = () => {
    isStale = true;
    timer ||= setTimeout(() => {
      timer = 0;
      asked.now();
    }, pause);
  };
  for (const row of section.querySelectorAll("[data-run]")) {
    if (isEnded(row)) continue;
    leave.set(row.dataset.run, follow(`job:${row.dataset.run}`, { event: (kind) => { if (news.has(kind)) soon(); } }));
  }
}

function isEnded(row) {
  return ["succeeded", "failed", "cancelled"].includes(row.dataset.state);
}

export function replaceParts(section, fresh) {
  for (const part of fresh.querySelectorAll("[data-part]")) {
    const place = section.querySelector(`[data-part="${CSS.escape(part.dataset.part)}"]`);
    if (!place || tidy(place) === tidy(part)) continue;
    place.replaceChildren(...part.childNodes);
    place.dispatchEvent(new CustomEvent("contentchange", { bubbles: true }));
  }
}

/** Without what differs in every answer: the keys of its forms. */
function tidy(part) {
  const copy = part.cloneNode(true);
  for (const field of copy.querySelectorAll("input[type='hidden']")) field.remove();
  return copy.innerHTML.replaceAll(/\s+/g, " ").trim();
}
