/**
 * Screen-reader announcements of a training: at most a sentence every ten seconds, as one per epoch would talk without pause
 * if epochs are short; and one at the end, on the page with the result.
 */
const QUIET_MS = 10_000;
// A live region announces only what is inserted after the page has loaded.
const SETTLES_MS = 500;
const ENDED = "sophora.ended";

export class Voice {
  #spokenAt = -Infinity;

  /** `region` is an `aria-live` element that was empty when the page loaded. */
  constructor(region, now = () => performance.now()) {
    this.region = region;
    this.now = now;
  }

  say(sentence) {
    if (this.now() - this.#spokenAt < QUIET_MS) return;
    this.#spokenAt = this.now();
    this.region.textContent = sentence;
  }

  /** The page is about to reload with the result: an announcement now would be cut off. */
  static keepEnd(job) {
    sessionStorage.setItem(ENDED, job);
  }

  /** On the page with the result: the sentence, if the training ended before this reader's eyes. Says whether it did. */
  sayEnd(job, sentence) {
    if (sessionStorage.getItem(ENDED) !== job) return false;
    sessionStorage.removeItem(ENDED);
    setTimeout(() => { this.region.textContent = sentence; }, SETTLES_MS);
    return true;
  }
}
