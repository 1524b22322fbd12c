/**
 * Autosave. Every save names the version it is based on; if somebody else was faster, their
 * changes to other files are taken over, and only if both changed the same file the author is asked.
 */
const QUIET_MS = 1500;
const LONGEST_MS = 8000;
const RETRY_MS = 5000;

export class Draft {
  /** `(theirs, files)`: both sides changed these files. */
  onConflict = () => {};
  #timer = 0;
  #since = 0;
  #saving = null;
  #status;

  constructor(page, texts) {
    this.page = page;
    this.texts = texts;
    this.address = page.dataset.address;
    this.version = Number(page.dataset.version);
    this.saved = this.#typed();
    this.conflict = null;
    this.#status = page.querySelector("[data-status]");
    addEventListener("beforeunload", (event) => { if (this.isDirty) event.preventDefault(); });
    document.addEventListener("visibilitychange", () => { if (document.hidden && this.isDirty) this.save({ keepalive: true }); });
  }

  get isDirty() {
    return [...this.texts].some(([name, text]) => text.value !== this.saved[name]);
  }

  /** Something was typed: save after a pause, or after a while in any case. */
  changed() {
    if (this.conflict) return;
    this.say("unsaved");
    this.#since ||= Date.now();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.save(), Math.min(QUIET_MS, Math.max(0, this.#since + LONGEST_MS - Date.now())));
  }

  /** True once everything that was typed is saved. */
  async save(options = {}) {
    clearTimeout(this.#timer);
    if (this.#saving) await this.#saving;
    if (this.conflict) this.onConflict(this.conflict);
    if (this.conflict || !this.isDirty) return !this.conflict;
    this.#saving = this.#send(options);
    const isSaved = await this.#saving;
    this.#saving = null;
    if (isSaved && this.isDirty && !this.conflict) this.changed();
    return isSaved;
  }

  /** A newer version was announced: load it now, unless a pending save will find out by itself. */
  async catchUp() {
    if (!this.#saving && !this.conflict && !this.isDirty) await this.#send({}, true);
  }

  /** The author's decision: `texts` (file -> text) on top of their version. */
  async settle(texts) {
    const { theirs } = this.conflict;
    this.conflict = null;
    this.version = theirs.version;
    this.saved = { ...theirs.sources };
    for (const [name, text] of Object.entries(texts)) this.texts.get(name).replace(text);
    if (this.isDirty) return this.save();
    this.say("saved");
    return true;
  }

  say(kind, values = {}) {
    const words = this.page.dataset[`text${kind[0].toUpperCase()}${kind.slice(1)}`];
    this.#status.textContent = Object.entries(values).reduce((text, [name, value]) => text.replace(`{${name}}`, value), words);
    this.#status.dataset.kind = kind;
    this.page.querySelector("[data-decide]").hidden = kind !== "conflict";
  }

  #typed() {
    return Object.fromEntries([...this.texts].map(([name, text]) => [name, text.value]));
  }

  async #send({ keepalive = false }, isQuiet = false) {
    const typed = this.#typed();
    const sources = Object.fromEntries(Object.entries(typed).filter(([name, text]) => text !== this.saved[name]));
    if (!isQuiet) this.say("saving");
    this.#since = 0;
    try {
      const answer = await fetch(`${this.address}/draft`, {
        method: "PUT",
        keepalive,
        headers: { "Content-Type": "application/json", Accept: "application/json" },
        body: JSON.stringify({ version: this.version, sources }),
      });
      const body = await answer.json();
      if (answer.status === 409 && body.sources) return await this.#meet(body);
      if (!answer.ok) {
        this.say("refused", { reason: body.error?.message ?? answer.status });
        return false;
      }
      this.version = body.version;
      this.saved = { ...this.saved, ...sources };
      this.say(this.isDirty ? "unsaved" : "saved");
      return true;
    } catch {
      this.say("retry");
      this.#timer = setTimeout(() => this.save(), RETRY_MS);
      return false;
    }
  }

  /** Somebody else saved: take over changes to files untouched here; ask about the others. */
  async #meet(theirs) {
    const typed = this.#typed();
    const both = [];
    let isTaken = false;
    for (const name of this.texts.keys()) {
      const [mine, before, other] = [typed[name], this.saved[name], theirs.sources[name]];
      if (mine === other || before === other) continue;
      if (mine !== before) both.push(name);
      else {
        this.texts.get(name).replace(other);
        isTaken = true;
      }
    }
    clearTimeout(this.#timer);
    if (both.length) {
      this.conflict = { theirs, files: both };
      this.say("conflict");
      this.onConflict(this.conflict);
      return false;
    }
    this.version = theirs.version;
    this.saved = { ...theirs.sources };
    const isSaved = this.isDirty ? await this.#send({}) : true;
    if (isTaken && isSaved) this.say("taken", { name: theirs.saved_by ?? this.page.dataset.textSomebody });
    return isSaved;
  }
}
