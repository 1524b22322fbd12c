/** New comments by others while the page is open: a quiet button counts them and shows them when pressed. */
import { announce, goTo, keepPlace } from "../announce.js";
import { fetchFragment } from "../fetch-fragment.js";

const settleFor = 400;
const atOnce = 50;

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
    announce(this.section, 0, this.words);
    document.addEventListener("live:comment", ({ detail }) => this.hear([detail]));
    document.addEventListener("live:lost", ({ detail }) => { if (detail.topic === this.section.dataset.liveTopics) this.catchUp(); });
    this.section.addEventListener("contentchange", () => this.draw());
    this.section.addEventListener("click", (event) => {
      if (event.target.closest("[data-show-new]")) this.show();
    });
  }

  /** One's own comment is announced too, perhaps before the response to its form, which inserts it. */
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
    announce(this.section, this.showable().length, this.words);
  }

  /** A reply to a comment that is not on this page cannot be placed, until that comment arrives. */
  showable() {
    return [...this.waiting].filter(([, parent]) => !parent || this.waiting.has(parent) || placeFor(parent)).map(([id]) => id);
  }

  async show() {
    const ids = this.showable().slice(0, atOnce);
    const query = ids.map((id) => `ids=${id}`).join("&");
    let html;
    try {
      const answer = await fetchFragment(`/threads/${this.section.dataset.discussion}/chosen?${query}`);
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
    goTo(shown[0]);
  }

  /** A comment goes to the top of the list, a reply to the end of its comment's. */
  place(item, parent) {
    if (document.getElementById(item.id)) return;
    item.classList.add("comment-linked");
    placeFor(parent)?.before(item);
  }
}

function placeFor(parent) {
  return document.getElementById(parent ? `replies-new-${parent}` : "comments-new");
}
