/** A small card beside a passage: its notes, or a form to write one. At the window's bottom on narrow screens. */
export class NoteCard {
  #opener = null;
  #rect = null;

  /** @param {HTMLElement} element the card, not yet in the document; @param {() => void} closed told when it closes */
  constructor(element, closed) {
    this.element = element;
    this.body = element.querySelector("[data-note-body]");
    this.closed = closed;
    element.hidden = true;
    document.body.append(element);
    element.addEventListener("click", (event) => { if (event.target.closest("[data-note-close]")) this.close(); });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !element.hidden && !this.#hasUnsent()) this.close();
    });
    document.addEventListener("pointerdown", (event) => {
      if (!element.hidden && !element.contains(event.target) && !this.#hasUnsent()) this.close({ keepFocus: true });
    });
    const follow = () => { if (!element.hidden) this.#put(); };
    addEventListener("scroll", follow, { passive: true });
    addEventListener("resize", follow);
    element.addEventListener("toggle", follow, true);
  }

  /** @param {() => DOMRect} rect where the passage stands now; @param {HTMLElement | null} opener gets the focus back */
  open(bodies, rect, opener = null) {
    this.#opener = opener;
    this.#rect = rect;
    this.body.replaceChildren(...bodies);
    this.element.hidden = false;
    this.#put();
    (this.body.querySelector("[data-note-first]") ?? this.element.querySelector("[data-note-close]")).focus({ preventScroll: true });
  }

  close({ keepFocus = false } = {}) {
    if (this.element.hidden) return;
    const hadFocus = this.element.contains(document.activeElement);
    this.element.hidden = true;
    this.body.replaceChildren();
    if (hadFocus && !keepFocus) (this.#opener?.isConnected ? this.#opener : document.querySelector("main")).focus({ preventScroll: true });
    this.closed();
  }

  /** Something was typed that would be lost. */
  #hasUnsent() {
    return [...this.body.querySelectorAll("textarea")].some((field) => field.value !== field.defaultValue);
  }

  /** Below the passage, or above if there is no room; never beyond the window's edge. */
  #put() {
    const { element } = this;
    const isNarrow = matchMedia("(max-width: 34rem)").matches;
    element.classList.toggle("note-card-sheet", isNarrow);
    if (isNarrow) {
      element.style.left = element.style.top = "";
      return;
    }
    const margin = 10;
    const passage = this.#rect();
    const { offsetWidth: width, offsetHeight: height } = element;
    const left = Math.min(Math.max(margin, passage.left), document.documentElement.clientWidth - width - margin);
    const isBelow = passage.bottom + height + 2 * margin < innerHeight || passage.top < height + 2 * margin;
    const top = isBelow ? passage.bottom + margin : passage.top - height - margin;
    element.style.left = `${left}px`;
    element.style.top = `${Math.min(Math.max(margin, top), Math.max(margin, innerHeight - height - margin))}px`;
  }
}
