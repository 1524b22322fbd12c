/**
 * The connection itself: one EventSource for many topics. After any break, including a proxy's error page, it reconnects
 * with growing delays and catches up: each topic is requested from its last event on.
 */
import { isAfter } from "./positions.js";
import { pauseBefore } from "./retry.js";

const KINDS = ["comment", "check-in", "unread", "phase", "points", "epoch", "rewind", "state", "lost"];
// The server sends something every 15 s: a connection silent for three times as long is dead, whatever the browser reports.
const SILENT_MS = 45_000;

export class Stream {
  positions = new Map(); // topic -> id of the last event
  isUp = false;
  #failures = 0;
  #wasLost = false;

  /** `tell` has joined(positions, wasLost), event(topic, kind, data, id), refused(topics) and connection(isUp). */
  constructor(tell) {
    this.tell = tell;
    addEventListener("online", this.#soon);
    document.addEventListener("visibilitychange", this.#soon);
  }

  /** Follow these topics (a Map of positions). Topics already followed continue; extra ones do no harm. */
  follow(wanted) {
    if (!wanted.size) return this.#close();
    const isNew = ([topic, position]) => !this.positions.has(topic) || (position !== null && isAfter(this.positions.get(topic), position));
    if (this.#source && ![...wanted].some(isNew)) return;
    this.positions = new Map([...wanted].map(([topic, position]) => [topic, position ?? this.positions.get(topic) ?? null]));
    this.#connect();
  }

  end() {
    this.#close();
    removeEventListener("online", this.#soon);
    document.removeEventListener("visibilitychange", this.#soon);
  }

  #source = null;

  #soon = () => {
    if (this.#retry && !document.hidden) this.#connect();
  };

  #retry = 0;
  #watchdog = 0;
  #names = new Map(); // stream -> topic

  #close() {
    clearTimeout(this.#retry);
    clearTimeout(this.#watchdog);
    this.#retry = 0;
    this.#source?.close();
    this.#source = null;
    this.isUp = false;
    this.positions.clear();
  }

  #connect() {
    clearTimeout(this.#retry);
    this.#retry = 0;
    this.#source?.close();
    const topics = [...this.positions].map(([topic, position]) => (position === null ? topic : `${topic}@${position}`));
    const source = new EventSource(`/live?topics=${encodeURIComponent(topics.join(","))}`);
    const hear = (kind, act) => source.addEventListener(kind, (event) => {
      if (source !== this.#source) return;
      this.#watch();
      act?.(JSON.parse(event.data), event.lastEventId);
    });
    this.#source = source;
    source.onerror = () => { if (source === this.#source) this.#fail(); };
    hear("hello");
    hear("ping");
    hear("joined", (streams) => this.#join(streams));
    hear("refused", (refused) => this.#refuse(refused));
    for (const kind of KINDS) hear(kind, (data, id) => this.#take(kind, data, id));
    this.#watch();
  }

  #watch() {
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(() => this.#fail(), SILENT_MS);
  }

  #fail() {
    clearTimeout(this.#watchdog);
    clearTimeout(this.#retry);
    this.#source.close();
    this.#wasLost = true;
    this.isUp = false;
    this.tell.connection(false);
    this.#retry = setTimeout(() => this.#connect(), pauseBefore(this.#failures++));
  }

  #join(streams) {
    this.#names.clear();
    for (const [topic, [stream, end]] of Object.entries(streams)) {
      this.#names.set(stream, topic);
      if (this.positions.get(topic) === null) this.positions.set(topic, end);
    }
    this.isUp = true;
    this.#failures = 0;
    this.tell.joined(this.positions, this.#wasLost);
    this.#wasLost = false;
  }

  #refuse(refused) {
    for (const topic of refused) this.positions.delete(topic);
    this.tell.refused(refused);
  }

  #take(kind, data, lastEventId) {
    const [stream, id] = lastEventId.split("@");
    const topic = this.#names.get(stream);
    if (topic === undefined) return;
    if (id) this.positions.set(topic, id);
    this.tell.event(topic, kind, data, id || null);
  }
}
