/**
 * Live events of an open page. An element declares its topics with `data-live-topics="place:<key>,wall:<date>,user"`; events
 * are dispatched on the document as `live:<kind>`, with data and topic in `event.detail`. "live:lost" means that events of a
 * topic may be missing: its part of the page is then reloaded. A part that needs more calls `follow` itself.
 *
 * All tabs of a browser share one connection (live/exchange.js). A hidden tab pauses, and catches up when visible again.
 * `data-live="joined"` on the root means that all of the page's topics are followed.
 */
import { Exchange } from "./live/exchange.js";

const RESTS_AFTER_MS = 60_000;
// If tabs cannot share, each hidden one holds a connection, and a browser has six per site.
const RESTS_ALONE_AFTER_MS = 1000;

const handlers = new Map(); // topic -> { event, connection }
const exchange = new Exchange({
  event: (topic, kind, data) => handlers.get(topic)?.event(kind, data),
  connection: (isUp) => {
    if (!isUp) delete document.documentElement.dataset.live;
    for (const { connection } of handlers.values()) connection?.(isUp);
  },
  joined: () => { document.documentElement.dataset.live = "joined"; },
  resting: () => { delete document.documentElement.dataset.live; },
});
let rest = 0;

export function startLive() {
  followElements();
  document.addEventListener("contentchange", followElements);
  document.addEventListener("visibilitychange", () => {
    clearTimeout(rest);
    if (document.hidden) rest = setTimeout(() => exchange.rest(), exchange.isShared ? RESTS_AFTER_MS : RESTS_ALONE_AFTER_MS);
    else wake();
  });
  // A page that the browser keeps for "back" must not hold a connection.
  addEventListener("pagehide", () => exchange.rest());
  addEventListener("pageshow", (event) => { if (event.persisted) wake(); });
}

/**
 * Follow a topic from the event `after` on: `event(kind, data)` for its events, `connection(isUp)` if the page shows that.
 * Returns a function that ends it.
 */
export function follow(topic, { after = null, event, connection }) {
  handlers.set(topic, { event, connection });
  delete document.documentElement.dataset.live;
  exchange.follow(topic, after);
  wake();
  return () => {
    handlers.delete(topic);
    exchange.leave(topic);
  };
}

function wake() {
  if (handlers.size && !document.hidden) exchange.wake();
}

function followElements() {
  const topics = [...document.querySelectorAll("[data-live-topics]")].flatMap((element) => element.dataset.liveTopics.split(","));
  for (const topic of topics) {
    if (!handlers.has(topic)) follow(topic, { event: (kind, data) => tell(topic, kind, data) });
  }
}

function tell(topic, kind, data) {
  document.dispatchEvent(new CustomEvent(`live:${kind}`, { detail: { ...data, topic } }));
}
