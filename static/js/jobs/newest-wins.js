/**
 * An answer takes a while, and what it is about changes meanwhile: never two at once, at most one a frame, and the newest wins.
 * While `element` has "data-judging", its answer is not there yet.
 */
export class NewestWins {
  /** Whether something newer waits: an answer in several steps may then stop. */
  isStale = false;
  #isAnswering = false;

  /** `answer` returns a promise; what it throws goes to `fail`. */
  constructor(element, answer, fail) {
    Object.assign(this, { element, answer, fail });
  }

  ask() {
    this.isStale = true;
    if (this.#isAnswering) return;
    this.#isAnswering = true;
    this.element.dataset.judging = "";
    requestAnimationFrame(() => this.#answerAll());
  }

  async #answerAll() {
    try {
      while (this.isStale) {
        this.isStale = false;
        await this.answer();
      }
    } catch (error) {
      this.fail(error);
    }
    this.#isAnswering = false;
    delete this.element.dataset.judging;
  }
}
