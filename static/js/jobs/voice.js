/**
 * What a screen reader hears of a training: a sentence in ten seconds at most, since one an epoch would talk without a pause where
 * epochs are short; and one at the end, on the page that has the result.
 */
const QUIET_MS = 10_000;
// A live region speaks of what comes into it once the page is there.
const SETTLES_MS = 500;
const ENDED = "sophora.ended";

export class Voice {
  #spokenAt = -Infinity;

  /** `region` is an `aria-live` element that was empty when the page came. */
  constructor(region, now = () => performance.now()) {
    this.region = region;
    this.now = now;
  }

  say(sentence) {
    if (this.now() - this.#spokenAt < QUIET_MS) return;
    this.#spokenAt = this.now();
    this.region.textContent = sentence;
  }

  /** The page is about to come again with the result: said now, the sentence would be cut off. */
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
