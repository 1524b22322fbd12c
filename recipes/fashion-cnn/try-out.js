/** Choose a test picture, paint on its 28 x 28 pixels, and see what one's own network makes of exactly these pixels. */
const size = 28;
const brush = 1.6; // pixels from the middle to the edge

export default function start(element, { data, words, loadModel, NewestWins }) {
  const canvas = element.querySelector("canvas");
  const context = canvas.getContext("2d");
  const verdict = element.querySelector("[data-verdict]");
  const rows = [...element.querySelectorAll(".bars li")];
  const buttons = [...element.querySelectorAll("[data-sample]")];
  const samples = buttons.map((button) => button.querySelector("img"));
  let pixels = new Uint8ClampedArray(size * size), light = 255, model = null;
  const judging = new NewestWins(element, judge, fail);

  function show() {
    const picture = context.createImageData(size, size);
    pixels.forEach((value, index) => picture.data.set([value, value, value, 255], 4 * index));
    context.putImageData(picture, 0, 0);
    judging.ask();
  }

  async function judge() {
    if (model) showBars(await model.predict(Float32Array.from(pixels)));
  }

  function showBars(probabilities) {
    const best = probabilities.indexOf(Math.max(...probabilities));
    rows.forEach((row, index) => {
      row.querySelector("i").style.transform = `scaleX(${probabilities[index]})`;
      row.querySelector("output").textContent = percent(probabilities[index]);
      row.toggleAttribute("data-best", index === best);
    });
    if (best < 0) return;
    const label = rows[best].querySelector("b").textContent;
    verdict.textContent = words.verdict.replace("{label}", label).replace("{percent}", percent(probabilities[best]));
  }

  function percent(share) { return `${(100 * share).toFixed(1)}%`; }

  function fail(error) {
    console.error(error);
    model = null;
    verdict.textContent = words.failed;
  }

  async function choose(number) {
    buttons.forEach((button, index) => button.setAttribute("aria-pressed", index === number));
    await samples[number].decode();
    if (buttons[number].getAttribute("aria-pressed") !== "true") return;
    const paper = new OffscreenCanvas(size, size).getContext("2d");
    paper.drawImage(samples[number], 0, 0);
    const { data: values } = paper.getImageData(0, 0, size, size);
    pixels = Uint8ClampedArray.from(pixels, (_, index) => values[4 * index]);
    show();
  }

  function paint({ clientX, clientY }) {
    const edge = canvas.getBoundingClientRect();
    const x = ((clientX - edge.left) / edge.width) * size, y = ((clientY - edge.top) / edge.height) * size;
    pixels.forEach((_, index) => {
      const distance = Math.hypot((index % size) + 0.5 - x, Math.floor(index / size) + 0.5 - y);
      if (distance < brush) pixels[index] = light;
    });
  }

  function useBrush(action) {
    light = action === "paint" ? 255 : 0;
    for (const name of ["paint", "erase"]) button(name).setAttribute("aria-pressed", name === action);
  }

  function button(action) { return element.querySelector(`[data-action=${action}]`); }

  buttons.forEach((each, index) => each.addEventListener("click", () => choose(index)));
  for (const action of ["paint", "erase"]) button(action).addEventListener("click", () => useBrush(action));
  button("clear").addEventListener("click", () => {
    pixels.fill(0);
    show();
  });
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    paint(event);
    show();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!canvas.hasPointerCapture(event.pointerId)) return;
    // A fast pen moves several times between two frames.
    const moves = event.getCoalescedEvents?.() ?? [];
    for (const move of moves.length ? moves : [event]) paint(move);
    show();
  });

  // The runtime is several megabytes: it is loaded when the try-out comes into view.
  new IntersectionObserver((entries, observer) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    observer.disconnect();
    loadModel().then((loaded) => {
      model = loaded;
      verdict.textContent = words.ready;
      judging.ask();
    }, fail);
  }).observe(element);
  if (data?.samples.length) choose(0);
}
