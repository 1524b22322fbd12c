/**
 * The try-out of texts: type one, see what one's own network makes of it at every letter, and which of its words weighed. Nothing is
 * sent anywhere. `<div data-text-pad data-model="/jobs/ID/files/model.tflite">`, see templates/jobs/_text_pad.html.
 */
import { fill } from "./job-series.js";
import { NewestWins } from "./newest-wins.js";

export function startTextPad(element) {
  new TextPad(element);
}

class TextPad {
  constructor(element) {
    this.element = element;
    this.field = element.querySelector("textarea");
    this.verdict = element.querySelector("[data-verdict]");
    this.weighed = element.querySelector("[data-weighed]");
    this.rows = [...element.querySelectorAll(".bars li")];
    this.slider = element.querySelector("[data-slider]");
    this.threshold = Number(element.dataset.threshold);
    this.judging = new NewestWins(element, () => this.#judge(), (error) => this.#fail(error));
    this.#listen();
    // The runtime is several megabytes: it is loaded when the pad comes into view.
    new IntersectionObserver((entries, observer) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      observer.disconnect();
      this.#load();
    }).observe(element);
  }

  text(name) { return this.element.dataset[`text${name}`]; }

  async #load() {
    try {
      const { model: address } = this.element.dataset;
      const [{ loadModel }, { tokenizer }] = await Promise.all([import("./tflite-model.js"), import("./tokenizer.js")]);
      const answer = await fetch(address.replace(/[^/]+$/, "tokenizer.json"));
      if (!answer.ok) throw new Error(`${answer.url} answered ${answer.status}`);
      this.tokenizer = tokenizer(await answer.json());
      this.model = await loadModel(address);
      this.verdict.textContent = this.text("Ready");
      this.element.dataset.ready = "";
      this.judging.ask();
    } catch (error) {
      this.#fail(error);
    }
  }

  #listen() {
    this.field.addEventListener("input", () => this.judging.ask());
    for (const button of this.element.querySelectorAll("[data-sample]")) {
      button.addEventListener("click", () => {
        this.field.value = button.textContent;
        this.judging.ask();
      });
    }
    if (!this.slider) return;
    const job = this.element.closest("[data-job]") ?? document;
    this.slider.addEventListener("input", () => {
      job.dispatchEvent(new CustomEvent("jobthreshold", { detail: Number(this.slider.value) }));
    });
    // Moved here or in the figure: both show the same.
    job.addEventListener("jobthreshold", ({ detail }) => this.#move(detail));
    this.#move(this.threshold);
  }

  #move(threshold) {
    this.threshold = threshold;
    this.slider.value = threshold;
    this.element.querySelector("[data-shown]").textContent = threshold.toFixed(2);
    if (this.probabilities) this.#showBars();
  }

  async #judge() {
    if (this.model) await this.#answer(this.field.value);
  }

  async #answer(text) {
    const encoded = this.tokenizer.encode(text);
    const count = encoded.filter((number) => number > 0).length;
    this.weighed.replaceChildren(text);
    if (count === 0) return this.#showNothing();
    const probabilities = this.probabilities = await this.model.predict(encoded);
    const best = this.#showBars();
    const weights = [];
    for (let place = 0; place < count; place += 1) {
      if (this.judging.isStale) return; // something else was typed meanwhile
      const without = await this.model.predict(leftOut(encoded, place));
      weights.push(probabilities[best] - without[best]);
    }
    this.weighed.replaceChildren(...this.tokenizer.marked(text, weights));
  }

  #showBars() {
    const { probabilities } = this;
    const best = probabilities.indexOf(Math.max(...probabilities));
    if (best < 0) throw new Error("The network answers with no numbers.");
    const wanted = this.slider ? Number(this.element.dataset.wanted) : best;
    const caught = !this.slider || probabilities[wanted] >= this.threshold;
    this.rows.forEach((row, index) => {
      row.querySelector("i").style.transform = `scaleX(${probabilities[index]})`;
      row.querySelector("output").textContent = percent(probabilities[index]);
      row.toggleAttribute("data-best", (index === wanted) === caught);
    });
    const sentence = this.slider ? (caught ? "Caught" : "Passed") : "Verdict";
    const values = { label: this.rows[wanted].querySelector("b").textContent, percent: percent(probabilities[wanted]) };
    this.verdict.textContent = fill(this.text(sentence), { ...values, threshold: this.threshold.toFixed(2) });
    return best;
  }

  #showNothing() {
    this.probabilities = null;
    for (const row of this.rows) {
      row.querySelector("i").style.transform = "";
      row.querySelector("output").textContent = "";
      row.removeAttribute("data-best");
    }
    this.verdict.textContent = this.text("Ready");
  }

  #fail(error) {
    console.error(error);
    this.model = null;
    this.verdict.textContent = this.text("Failed");
  }
}

/** The text without one of its tokens; what follows moves up. */
function leftOut(encoded, place) {
  const shorter = Float32Array.from(encoded);
  shorter.copyWithin(place, place + 1);
  shorter[shorter.length - 1] = 0;
  return shorter;
}

function percent(share) { return `${(100 * share).toFixed(1)}%`; }
