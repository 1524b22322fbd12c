/**
 * Comments that others write while the page is open: a quiet button counts them and shows them when it is pressed. The button
 * floats, and what it brings in above the reader's place is balanced by scrolling: what is being read stays where it is.
 */
const settleFor = 400;

export function announceNew(section) {
  new NewComments(section).start();
}

class NewComments {
  waiting = new Map(); // id -> parent's id, or null

  constructor(section) {
    this.section = section;
    this.latest = section.dataset.latest;
    this.words = section.querySelector("[data-live-words]").dataset;
  }

  start() {
    document.addEventListener("live:comment", ({ detail }) => this.hear([detail]));
    document.addEventListener("live:hello", ({ detail }) => { if (detail.isAgain) this.catchUp(); });
    this.section.addEventListener("contentchange", () => this.draw());
    this.section.addEventListener("click", (event) => {
      if (event.target.closest("[data-show-new]")) this.show();
    });
  }

  /** One's own comment is told about too, perhaps before the answer to its form: that one comes into the page meanwhile. */
  hear(comments) {
    for (const { id, parent } of comments) this.waiting.set(id, parent);
    setTimeout(() => this.draw(), settleFor);
  }

  async catchUp() {
    try {
      const answer = await fetch(`/threads/${this.section.dataset.discussion}/news?since=${encodeURIComponent(this.latest)}`);
      if (answer.ok) this.hear(await answer.json());
    } catch {
      // the next connection asks again
    }
  }

  draw() {
    for (const id of this.waiting.keys()) if (document.getElementById(`comment-${id}`)) this.waiting.delete(id);
    const count = this.waiting.size;
    let place = this.section.querySelector("[data-new-place]");
    if (!place && count) {
      place = document.createElement("p");
      place.className = "comments-announce";
      place.dataset.newPlace = "";
      place.role = "status";
      place.innerHTML = '<button type="button" class="button" data-show-new></button>';
      this.section.append(place);
    }
    if (!place) return;
    place.hidden = !count;
    place.firstElementChild.textContent = count === 1 ? this.words.one : this.words.many.replace("{count}", count);
  }

  async show() {
    const ids = [...this.waiting.keys()].slice(0, 50);
    const query = ids.map((id) => `ids=${id}`).join("&");
    let html;
    try {
      const answer = await fetch(`/threads/${this.section.dataset.discussion}/chosen?${query}`, { headers: { "X-Fragment": "1", Accept: "text/html" } });
      if (!answer.ok) return;
      html = await answer.text();
    } catch {
      return;
    }
    const fragment = document.createRange().createContextualFragment(html);
    const items = [...fragment.querySelectorAll("[data-comment]")];
    keepPlace(() => { for (const item of items) this.place(item, this.waiting.get(item.dataset.comment)); });
    for (const id of ids) this.waiting.delete(id);
    const shown = items.filter((item) => item.isConnected);
    for (const item of shown) item.dispatchEvent(new CustomEvent("contentchange", { bubbles: true }));
    this.draw();
    // Whoever pressed the button wants to see them.
    if (!shown[0]) return;
    shown[0].tabIndex = -1;
    shown[0].focus({ preventScroll: true });
    shown[0].scrollIntoView({ block: "center", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  }

  /** A comment on top of the list, a reply at the end of its comment's; where that is not in the page, nowhere. */
  place(item, parent) {
    if (document.getElementById(item.id)) return;
    item.classList.add("comment-linked");
    document.getElementById(parent ? `replies-new-${parent}` : "comments-new")?.before(item);
  }
}

/** Browsers without scroll anchoring would let the text jump. */
function keepPlace(change) {
  const anchor = document.elementFromPoint(innerWidth / 2, innerHeight / 2);
  const before = anchor?.getBoundingClientRect().top;
  change();
  if (anchor?.isConnected) scrollBy({ top: anchor.getBoundingClientRect().top - before, behavior: "instant" });
}
