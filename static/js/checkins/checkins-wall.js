/**
 * Others' check-ins while the wall is open: a quiet button counts them and shows them when pressed. They are inserted as a
 * block of their own above the others, which stay in their columns.
 */
import { announce, goTo, keepPlace } from "../announce.js";
import { fetchFragment } from "../fetch-fragment.js";

export function startWall(section) {
  new Wall(section).start();
}

class Wall {
  waiting = new Set();

  constructor(section) {
    this.section = section;
  }

  start() {
    announce(this.section, 0, this.section.dataset);
    document.addEventListener("live:check-in", ({ detail }) => this.hear([detail.id]));
    document.addEventListener("live:lost", ({ detail }) => { if (detail.topic === this.section.dataset.liveTopics) this.catchUp(); });
    this.section.addEventListener("click", (event) => {
      if (event.target.closest("[data-show-new]")) this.show();
    });
  }

  hear(ids) {
    for (const id of ids) if (!document.getElementById(`check-in-${id}`)) this.waiting.add(id);
    announce(this.section, this.waiting.size, this.section.dataset);
  }

  async catchUp() {
    const { entries } = await this.fetchEntries();
    this.hear(entries.map((entry) => entry.id.replace("check-in-", "")));
  }

  async show() {
    const { block, entries } = await this.fetchEntries();
    if (!entries.length) return;
    const isNew = (entry) => !document.getElementById(entry.id);
    // Too many to be contiguous with the page's entries: start afresh.
    if (this.section.querySelector(".wall-entry") && entries.every(isNew)) {
      location.reload();
      return;
    }
    const fresh = entries.filter(isNew);
    for (const entry of entries) if (!fresh.includes(entry)) entry.remove();
    if (fresh.length) {
      keepPlace(() => {
        this.section.querySelector("[data-wall-empty]")?.remove();
        this.section.prepend(block);
      });
      block.dispatchEvent(new CustomEvent("contentchange", { bubbles: true }));
    }
    this.waiting.clear();
    announce(this.section, 0, this.section.dataset);
    goTo(fresh[0]);
  }

  /** The day's newest, as they are now. */
  async fetchEntries() {
    try {
      const answer = await fetchFragment(this.section.dataset.wall);
      if (!answer.ok || answer.redirected) return { entries: [] };
      const block = document.createRange().createContextualFragment(await answer.text()).firstElementChild;
      return { block, entries: [...block.querySelectorAll(".wall-entry")] };
    } catch {
      return { entries: [] }; // the next connection, or the next press, retries
    }
  }
}
