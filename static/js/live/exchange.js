/**
 * One connection for all tabs of a browser: the tab that holds the Web Lock has it, and relays events by BroadcastChannel.
 * When it closes, the browser gives the lock to the next tab, which asks all others for their topics and positions. Every tab
 * also holds a lock of its own, so that the leader learns when it has closed, in whatever way. Without Web Locks (they need
 * https or localhost) or BroadcastChannel, every tab has a connection of its own.
 */
import { isAfter, union } from "./positions.js";
import { Stream } from "./stream.js";

const NAME = "sophora.live";
// The server's limit of topics per connection.
const MOST_TOPICS = 40;
// A page's parts start one after the other: their topics are requested together.
const GATHER_MS = 100;

export class Exchange {
  positions = new Map(); // topic -> id of the last event seen by this tab
  isShared = Boolean(navigator.locks && window.BroadcastChannel);
  #tab = randomName();
  #awake = null;
  #isPresent = false; // holds its own lock: before that, the leader would think that it has closed
  #channel = null;
  #stream = null;
  #others = new Map(); // tab -> its topics, as known to the leader
  #timer = 0;

  /** `tell` has event(topic, kind, data), joined(), connection(isUp) and resting(). */
  constructor(tell) {
    this.tell = tell;
  }

  get isAwake() { return this.#awake !== null; }

  /** `position`: the last event included in the rendered page, if known. */
  follow(topic, position = null) {
    this.positions.set(topic, position);
    this.#say();
  }

  leave(topic) {
    this.positions.delete(topic);
    this.#say();
  }

  wake() {
    if (this.#awake) return;
    this.#awake = new AbortController();
    const { signal } = this.#awake;
    if (!this.isShared) return this.#lead();
    this.#channel = new BroadcastChannel(NAME);
    this.#channel.onmessage = ({ data }) => this.#hear(data);
    hold(`${NAME}.${this.#tab}`, signal, () => {
      this.#isPresent = true;
      this.#say();
    });
    hold(NAME, signal, () => this.#lead());
  }

  /** Without connection and events; another tab takes over. */
  rest() {
    if (!this.#awake) return;
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#stream?.end();
    this.#stream = null;
    this.#others.clear();
    this.#channel?.close();
    this.#channel = null;
    this.#awake.abort();
    this.#awake = null;
    this.#isPresent = false;
    this.tell.resting();
  }

  #lead() {
    this.#stream = new Stream({
      joined: (positions, wasLost) => this.#tellAll({ kind: "joined", positions: Object.fromEntries(positions), wasLost }),
      event: (topic, type, data, id) => {
        for (const topics of this.#others.values()) if (id && topic in topics) topics[topic] = id;
        this.#tellAll({ kind: "event", topic, type, data, id });
      },
      refused: (topics) => this.#tellAll({ kind: "refused", topics }),
      connection: (isUp) => this.#tellAll({ kind: "connection", isUp }),
    });
    this.#channel?.postMessage({ kind: "who" });
    this.#gatherSoon();
  }

  #tellAll(message) {
    this.#channel?.postMessage(message);
    this.#hear(message);
  }

  #say() {
    if (!this.#awake) return;
    if (this.#stream) this.#gatherSoon();
    else if (this.#isPresent) this.#channel.postMessage({ kind: "want", tab: this.#tab, topics: Object.fromEntries(this.positions) });
  }

  #gatherSoon() {
    this.#timer ||= setTimeout(() => {
      this.#timer = 0;
      if (!this.#stream) return;
      this.#stream.follow(union([...this.#others.values(), Object.fromEntries(this.positions)], MOST_TOPICS));
      if (this.#stream.isUp) this.#tellAll({ kind: "joined", positions: Object.fromEntries(this.#stream.positions), wasLost: false });
    }, GATHER_MS);
  }

  #hear(message) {
    const { kind } = message;
    if (kind === "who") this.#say();
    else if (kind === "want") this.#note(message);
    else if (kind === "event") this.#take(message);
    else if (kind === "joined") this.#join(message);
    else if (kind === "refused") for (const topic of message.topics) this.positions.delete(topic);
    else if (kind === "connection") this.tell.connection(message.isUp);
  }

  #note({ tab, topics }) {
    if (!this.#stream) return;
    const isNew = !this.#others.has(tab);
    this.#others.delete(tab);
    this.#others.set(tab, topics); // the latest request goes last
    if (isNew) navigator.locks.request(`${NAME}.${tab}`, () => { this.#others.delete(tab); this.#gatherSoon(); });
    this.#gatherSoon();
  }

  #take({ topic, type, data, id }) {
    if (!this.positions.has(topic) || (id && !isAfter(id, this.positions.get(topic)))) return;
    if (id) this.positions.set(topic, id);
    this.tell.event(topic, type, data);
  }

  /** After a break each page reloads its parts: what could not be sent meanwhile is only in the database. */
  #join({ positions, wasLost }) {
    for (const [topic, position] of this.positions) if (position === null && topic in positions) this.positions.set(topic, positions[topic]);
    this.tell.connection(true);
    if ([...this.positions.keys()].every((topic) => topic in positions)) this.tell.joined();
    if (wasLost) for (const topic of this.positions.keys()) this.tell.event(topic, "lost", {});
  }
}

/** Hold a lock, once available, until the signal fires. */
function hold(name, signal, begin) {
  const held = () => new Promise((resolve) => {
    if (signal.aborted) resolve();
    else {
      signal.addEventListener("abort", resolve);
      begin();
    }
  });
  navigator.locks.request(name, { signal }, held).catch(() => {}); // aborted before it was acquired
}

/** crypto.randomUUID exists in secure contexts only. */
function randomName() {
  return [...crypto.getRandomValues(new Uint32Array(4))].map((number) => number.toString(36)).join("-");
}
