/**
 * One connection for all tabs of a browser: the tab that holds the Web Lock has it, and passes on what comes by BroadcastChannel.
 * Where it goes, the browser gives the lock to the next tab, which asks all others what they follow and where they stand. Every tab
 * holds a lock of its own, too, so that the leader learns when one has gone, however it went. Where there are no Web Locks
 * (they need https or localhost) or no BroadcastChannel, every tab has a connection of its own.
 */
import { isAfter, union } from "./positions.js";
import { Stream } from "./stream.js";

const NAME = "sophora.live";
// The server takes no more topics in one connection.
const MOST_TOPICS = 40;
// A page's parts start one after the other: they are asked for together.
const GATHER_MS = 100;

export class Exchange {
  positions = new Map(); // topic -> id of the last event that this tab has seen
  isShared = Boolean(navigator.locks && window.BroadcastChannel);
  #tab = randomName();
  #awake = null;
  #isPresent = false; // holds its own lock: before, the leader would think that it has gone
  #channel = null;
  #stream = null;
  #others = new Map(); // tab -> its topics; the leader's knowledge
  #timer = 0;

  /** `tell` has event(topic, kind, data), joined(), connection(isUp) and resting(). */
  constructor(tell) {
    this.tell = tell;
  }

  get isAwake() { return this.#awake !== null; }

  /** `position`: the last event that the page has been drawn with, where it knows. */
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

  /** Neither the connection nor its events; another tab takes over. */
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
    this.#others.set(tab, topics); // the one that asked last stands last
    if (isNew) navigator.locks.request(`${NAME}.${tab}`, () => { this.#others.delete(tab); this.#gatherSoon(); });
    this.#gatherSoon();
  }

  #take({ topic, type, data, id }) {
    if (!this.positions.has(topic) || (id && !isAfter(id, this.positions.get(topic)))) return;
    if (id) this.positions.set(topic, id);
    this.tell.event(topic, type, data);
  }

  /** After a break each page reads its parts again: what could not be sent meanwhile is in the database alone. */
  #join({ positions, wasLost }) {
    for (const [topic, position] of this.positions) if (position === null && topic in positions) this.positions.set(topic, positions[topic]);
    this.tell.connection(true);
    if ([...this.positions.keys()].every((topic) => topic in positions)) this.tell.joined();
    if (wasLost) for (const topic of this.positions.keys()) this.tell.event(topic, "lost", {});
  }
}

/** Hold a lock from when it is to be had until the signal comes. */
function hold(name, signal, begin) {
  const held = () => new Promise((resolve) => {
    if (signal.aborted) resolve();
    else {
      signal.addEventListener("abort", resolve);
      begin();
    }
  });
  navigator.locks.request(name, { signal }, held).catch(() => {}); // let go before it was had
}

/** crypto.randomUUID exists on safe origins only. */
function randomName() {
  return [...crypto.getRandomValues(new Uint32Array(4))].map((number) => number.toString(36)).join("-");
}
