/**
 * The live job page. Rendered from the data in the page, then updated by the server's events; a reload, a sleeping
 * laptop or a lost connection loses nothing, because the browser asks for what came after the last event it saw.
 */
import { follow } from "../live.js";
import { repeat } from "../live/repeat.js";
import { Charts } from "./job-charts.js";
import { fill, formatMetric, formatSeconds, Run } from "./job-series.js";
import { fetchFragment } from "../fetch-fragment.js";
import { openInSight } from "../joy.js";
import { Voice } from "./voice.js";

const defaultSeconds = 5;

export function startJob(section) {
  new JobPage(section);
}

class JobPage {
  constructor(section) {
    this.section = section;
    this.run = new Run(JSON.parse(this.part("run").textContent));
    this.charts = new Charts(section.querySelector(".charts"));
    this.voice = new Voice(this.part("announce"));
    this.draw();
    if (this.run.ended) {
      const isNew = this.voice.sayEnd(section.dataset.job, this.part("status").textContent.trim());
      const joy = section.querySelector("[data-joy]");
      if (isNew && joy) openInSight(joy);
      return;
    }
    this.leave = follow(`job:${section.dataset.job}`, {
      after: section.dataset.after,
      event: (kind, data) => this.#receive(kind, data),
      connection: (isUp) => this.#showConnection(isUp),
    });
    this.status = repeat(() => this.#askStatus(), this.#askAgainAfter() ?? 0);
  }

  part(name) { return this.section.querySelector(`[data-${name}]`); }
  text(name) { return this.section.dataset[`text${name[0].toUpperCase()}${name.slice(1)}`] ?? ""; }

  #showConnection(connected) {
    const note = this.part("connection");
    if (connected) {
      clearTimeout(this.noteTimer);
      this.noteTimer = 0;
      note.hidden = true;
    } else {
      // Called for every failed attempt: the first one starts the clock.
      this.noteTimer ||= setTimeout(() => { note.hidden = false; }, 1500);
    }
  }

  #receive(type, data) {
    if (!this.section.isConnected) {
      // Its lab shows another training now.
      this.leave();
      this.status.end();
      return;
    }
    if (!this.run.apply(type, data)) return;
    if (type === "epoch") {
      this.#announce(data);
      this.section.dispatchEvent(new CustomEvent("jobepoch", { detail: data }));
    }
    if (type === "state") this.status.now();
    if (this.run.ended) this.#finish();
    this.#drawSoon();
  }

  /** The result (report, downloads, matrix) is rendered by the server: reload the page, or the part of it where a lab stands. */
  #finish() {
    this.leave();
    this.status.end();
    Voice.keepEnd(this.section.dataset.job);
    setTimeout(() => {
      if (this.section.dataset.renewal) this.section.dispatchEvent(new CustomEvent("runended", { bubbles: true }));
      else location.reload();
    }, 600);
  }

  /** While a job waits, the server reports its queue position, and when to ask again: the further back, the later. */
  async #askStatus() {
    if (this.run.ended) return null;
    if (this.run.state === "queued") {
      const answer = await fetchFragment(this.section.dataset.statusUrl ?? `/jobs/${this.section.dataset.job}/status`);
      if (!answer.ok) throw new Error(`status: ${answer.status}`);
      const status = await answer.text();
      if (this.run.state === "queued") this.part("status").innerHTML = status;
    }
    return this.#askAgainAfter() ?? defaultSeconds;
  }

  #askAgainAfter() {
    return this.part("status").querySelector("[data-ask-again-after]")?.dataset.askAgainAfter;
  }

  #drawSoon() {
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.draw();
    });
  }

  draw() {
    this.charts.draw(this.run);
    this.#drawRows();
    if (this.run.ended || this.run.state === "queued") return;
    this.#showRunning();
    const sentence = this.#sentence();
    if (sentence) this.part("status").textContent = sentence;
    this.#drawProgress();
  }

  /** The page was rendered while the job waited; its heading says so until then. */
  #showRunning() {
    const label = this.section.querySelector(".state-queued");
    if (!label) return;
    label.classList.replace("state-queued", "state-running");
    label.textContent = this.text("running");
  }

  #sentence() {
    const { run } = this;
    if (run.phase !== "training") return this.text(run.phase ?? "preparing");
    const left = run.secondsLeft;
    const values = { epoch: run.currentEpoch, epochs: run.epochs, percent: `${Math.floor(100 * run.fraction)}%` };
    if (left == null) return fill(this.text("training"), values);
    const texts = { seconds: this.text("seconds"), minutes: this.text("minutes"), hours: this.text("hours") };
    return fill(this.text("trainingLeft"), { ...values, left: formatSeconds(left, texts) });
  }

  #drawProgress() {
    const holder = this.part("progress");
    const bar = holder.querySelector("progress");
    holder.hidden = false;
    holder.style.setProperty("--epochs", String(Math.min(50, Math.max(1, this.run.epochs))));
    if (this.run.phase === "training") bar.value = this.run.fraction;
    else if (this.run.phase === "evaluating") bar.value = 1;
    else bar.removeAttribute("value");
  }

  /** The table repeats the curves: for those who cannot see them, and for exact numbers. */
  #drawRows() {
    const body = this.part("epoch-rows");
    const columns = body.dataset.columns.split(" ");
    const rows = this.run.sortedRecords.map((record) => {
      const row = document.createElement("tr");
      const head = row.appendChild(document.createElement("th"));
      head.scope = "row";
      head.textContent = record.epoch;
      for (const metric of columns) cell(row, formatMetric(metric, record.metrics[metric]));
      cell(row, record.seconds == null ? "–" : record.seconds.toFixed(1));
      return row;
    });
    body.replaceChildren(...rows);
    const accuracy = this.run.has("accuracy");
    for (const each of body.closest("table").querySelectorAll("tr")) {
      columns.forEach((metric, index) => { if (metric.endsWith("accuracy")) each.children[index + 1].hidden = !accuracy; });
    }
  }

  #announce({ epoch, metrics }) {
    const template = "val_accuracy" in metrics ? this.text("epochAccuracy") : this.text("epochLoss");
    this.voice.say(fill(template, {
      epoch,
      epochs: this.run.epochs,
      loss: formatMetric("loss", metrics.val_loss ?? metrics.loss),
      accuracy: formatMetric("accuracy", metrics.val_accuracy),
    }));
  }
}

function cell(row, text) {
  const element = row.appendChild(document.createElement("td"));
  element.className = "number";
  element.textContent = text;
}
