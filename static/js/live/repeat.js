/**
 * Polls while the page is visible: at once when it becomes visible again, and after growing delays while
 * the server cannot be reached.
 */
import { around, pauseBefore } from "./retry.js";

/** `ask` returns, or promises, the seconds until the next poll, or null to stop; it throws if there was no response. */
export function repeat(ask, firstSeconds = 0) {
  const repeated = new Repeated(ask);
  repeated.plan(firstSeconds * 1000);
  return repeated;
}

class Repeated {
  #timer = 0;
  #failures = 0;
  #isAsking = false;
  #hasEnded = false;

  constructor(ask) {
    this.ask = ask;
    for (const name of ["online", "pageshow"]) addEventListener(name, this.#back);
    document.addEventListener("visibilitychange", this.#back);
  }

  plan(milliseconds) {
    clearTimeout(this.#timer);
    if (!this.#hasEnded) this.#timer = setTimeout(() => this.now(), milliseconds);
  }

  async now() {
    clearTimeout(this.#timer);
    if (this.#hasEnded || this.#isAsking || document.hidden) return;
    this.#isAsking = true;
    try {
      const seconds = await this.ask();
      this.#failures = 0;
      if (seconds === null) this.end();
      else this.plan(around(seconds * 1000));
    } catch {
      this.plan(pauseBefore(this.#failures++));
    } finally {
      this.#isAsking = false;
    }
  }

  end() {
    this.#hasEnded = true;
    clearTimeout(this.#timer);
    for (const name of ["online", "pageshow"]) removeEventListener(name, this.#back);
    document.removeEventListener("visibilitychange", this.#back);
  }

  #back = (event) => {
    if (event.type === "pageshow" && !event.persisted) return;
    if (!document.hidden) this.now();
  };
}
