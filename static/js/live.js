/**
 * All that happens to a page while it is open. An element says what it follows with `data-live-topics="place:<key>,wall:<date>,user"`;
 * what comes is told to the document as `live:<kind>`, with its data and topic in `event.detail`. "live:lost" says that events of a
 * topic may be missing: its part of the page is read again then. A part that needs more calls `follow` itself.
 *
 * All tabs of a browser share one connection (live/exchange.js). A tab out of sight rests, and catches up when it is back.
 * `data-live="joined"` on the root says that everything the page follows is followed.
 */
import { Exchange } from "./live/exchange.js";

const RESTS_AFTER_MS = 60_000;
// Where tabs cannot share, each hidden one holds a connection, and a browser has six for a site.
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
 * Follow a topic from the event `after` on: `event(kind, data)` for what comes, `connection(isUp)` where the page shows that.
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
