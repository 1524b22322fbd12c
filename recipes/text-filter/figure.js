/**
 * Recall, precision, F1 and the confusion matrix follow a threshold that one drags in the two histograms or moves by the slider. All is
 * counted from the probabilities in the report. The event "jobthreshold" tells the try-out of the same run.
 */
const parts = 100; // a threshold is a whole number of hundredths
const height = 20;

export default function start(element, { data, words }) {
  const root = element.querySelector(".threshold");
  if (!root) return;
  const find = (selector) => root.querySelector(selector);
  const slider = find("[data-slider]"), plot = find("[data-plot]");
  const kinds = ["wanted", "other"], job = element.closest("[data-job]") ?? document;
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  const percent = (part, whole) => (whole ? `${((100 * part) / whole).toFixed(1)}%` : "–");
  let threshold = parts / 2;

  const chosen = () => data.sets[find("input[type=radio]:checked").value];

  function drawBars() {
    for (const kind of kinds) {
      const counts = new Array(parts).fill(0);
      for (const score of chosen()[kind]) counts[Math.min(parts - 1, Math.floor(score / 100))] += 1;
      const highest = Math.sqrt(Math.max(1, ...counts));
      const bars = counts.map((count, place) => {
        const bar = document.createElementNS("http://www.w3.org/2000/svg", "rect"), tall = (height * Math.sqrt(count)) / highest;
        for (const [name, value] of Object.entries({ x: place, y: height - tall, width: 0.9, height: tall })) bar.setAttribute(name, value);
        return bar;
      });
      find(`[data-histogram=${kind}]`).replaceChildren(...bars);
    }
  }

  function show() {
    const least = threshold * 100, total = {}, caught = {};
    for (const kind of kinds) {
      const scores = chosen()[kind];
      total[kind] = scores.length;
      caught[kind] = scores.filter((score) => score >= least).length;
      find(`[data-count=${kind}-caught]`).textContent = caught[kind];
      find(`[data-count=${kind}-left]`).textContent = total[kind] - caught[kind];
      find(`[data-says=${kind}]`).textContent = fill(words.histogram, { label: root.dataset[kind], count: total[kind], caught: caught[kind] });
      [...find(`[data-histogram=${kind}]`).children].forEach((bar, place) => bar.toggleAttribute("data-caught", place >= threshold));
    }
    const all = total.wanted + total.other, right = caught.wanted + total.other - caught.other;
    const values = {
      recall: percent(caught.wanted, total.wanted),
      precision: percent(caught.wanted, caught.wanted + caught.other),
      f1: percent(2 * caught.wanted, total.wanted + caught.wanted + caught.other),
      accuracy: percent(right, all),
    };
    const ham = { recall: percent(0, total.wanted), precision: "–", f1: percent(0, total.wanted), accuracy: percent(total.other, all) };
    for (const name of Object.keys(values)) {
      find(`[data-value=${name}]`).textContent = values[name];
      find(`[data-ham=${name}]`).textContent = ham[name];
    }
    slider.value = threshold / parts;
    find("[data-shown]").textContent = (threshold / parts).toFixed(2);
    plot.style.setProperty("--threshold", threshold / parts);
  }

  function move(share) {
    const wanted = Math.min(parts - 1, Math.max(1, Math.round(share * parts)));
    job.dispatchEvent(new CustomEvent("jobthreshold", { detail: wanted / parts }));
  }

  function drag({ clientX }) {
    const { left, width } = plot.getBoundingClientRect();
    move((clientX - left) / width);
  }

  slider.addEventListener("input", () => move(Number(slider.value)));
  find("[data-action=best]").addEventListener("click", () => move(data.best));
  plot.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    plot.setPointerCapture(event.pointerId);
    drag(event);
  });
  plot.addEventListener("pointermove", (event) => { if (plot.hasPointerCapture(event.pointerId)) drag(event); });
  for (const radio of root.querySelectorAll("input[type=radio]")) {
    radio.addEventListener("change", () => {
      drawBars();
      show();
    });
  }
  // Moved here or in the try-out: both show the same.
  job.addEventListener("jobthreshold", ({ detail }) => {
    threshold = Math.round(detail * parts);
    show();
  });
  drawBars();
  show();
  root.dataset.ready = "";
}
