/** Write digits into a scene, or take a test scene, and see which class one's own network gives to every pixel. */
const pen = 1.8; // pixels from the middle of a stroke to where it has faded away, as in MNIST
const eraser = 2.5;
const least = 12; // pixels: smaller patches are not named

export default function start(element, { data, words, loadModel, NewestWins }) {
  if (!data) return;
  const { width, height } = data;
  const canvas = element.querySelector("[data-scene]"), context = canvas.getContext("2d");
  const mask = element.querySelector("[data-mask]"), cursor = element.querySelector("[data-cursor]");
  const verdict = element.querySelector("[data-verdict]"), penState = element.querySelector("[data-pen]");
  const names = [...element.querySelectorAll(".class-legend b")].map((name) => name.textContent);
  const counts = [...element.querySelectorAll("[data-count]")];
  const colours = data.colours.map(({ value }) => [1, 3, 5].map((at) => parseInt(value.slice(at, at + 2), 16)));
  let pixels = new Uint8ClampedArray(width * height), erases = false, model = null;
  const judging = new NewestWins(element, judge, fail);
  let last = null, place = [Math.floor(width / 2), Math.floor(height / 2)], isDown = false, shown = -1;

  function show() {
    const picture = context.createImageData(width, height);
    pixels.forEach((value, index) => picture.data.set([value, value, value, 255], 4 * index));
    context.putImageData(picture, 0, 0);
    judging.ask();
  }

  async function judge() {
    if (!model) return;
    const seen = Float32Array.from(pixels);
    const probabilities = await model.predict(seen);
    showMask(mostProbable(probabilities, names.length));
    element.dispatchEvent(new CustomEvent("segmented", { detail: { pixels: seen, probabilities } }));
  }

  function showMask(classes) {
    const small = new OffscreenCanvas(width, height), paper = small.getContext("2d");
    const picture = paper.createImageData(width, height);
    classes.forEach((number, index) => picture.data.set([...colours[number], 255], 4 * index));
    paper.putImageData(picture, 0, 0);
    const large = mask.getContext("2d"), scale = mask.width / width;
    large.imageSmoothingEnabled = false;
    large.drawImage(small, 0, 0, mask.width, mask.height);
    const patches = patchesOf(classes, width).filter(({ size }) => size >= least);
    // The names stand beside the colours: not everyone can tell those apart.
    Object.assign(large, { font: "600 40px sans-serif", lineWidth: 8, lineJoin: "round", strokeStyle: "#000", fillStyle: "#fff", textBaseline: "top" });
    for (const { number, left, top } of patches) {
      const at = [Math.min(left * scale, mask.width - 30), Math.min(top * scale, mask.height - 40)];
      large.strokeText(names[number], ...at);
      large.fillText(names[number], ...at);
    }
    counts.forEach((output, number) => {
      output.textContent = words.pixels.replace("{count}", classes.filter((each) => each === number).length);
    });
    const found = [...new Set(patches.map(({ number }) => number))].sort((one, other) => one - other);
    const sentence = words.sees.replace("{names}", found.map((number) => names[number]).join(words.between) || words.nothing);
    if (verdict.textContent !== sentence) verdict.textContent = sentence;
  }

  function fail(error) {
    console.error(error);
    model = null;
    verdict.textContent = words.failed;
  }

  async function takeSample() {
    let number = Math.floor(Math.random() * data.samples.length);
    if (number === shown) number = (number + 1) % data.samples.length;
    shown = number;
    const image = new Image();
    image.src = `data:image/png;base64,${data.samples[number]}`;
    await image.decode();
    if (shown !== number) return;
    const paper = new OffscreenCanvas(width, height).getContext("2d");
    paper.drawImage(image, 0, 0);
    const { data: values } = paper.getImageData(0, 0, width, height);
    pixels = Uint8ClampedArray.from(pixels, (_, index) => values[4 * index]);
    element.dataset.sample = number;
    show();
  }

  /** A dot, or a stroke from the last point. */
  function paintTo(x, y) {
    const [fromX, fromY] = last ?? [x, y];
    const steps = Math.max(1, Math.ceil(2 * Math.hypot(x - fromX, y - fromY)));
    for (let step = 1; step <= steps; step += 1) dot(fromX + ((x - fromX) * step) / steps, fromY + ((y - fromY) * step) / steps);
    last = [x, y];
  }

  function dot(x, y) {
    pixels.forEach((value, index) => {
      const distance = Math.hypot((index % width) + 0.5 - x, Math.floor(index / width) + 0.5 - y);
      if (erases) {
        if (distance < eraser) pixels[index] = 0;
      } else if (distance < pen) pixels[index] = Math.max(value, 255 * (pen - distance));
    });
  }

  function whereIs({ clientX, clientY }) {
    const edge = canvas.getBoundingClientRect();
    return [((clientX - edge.left) / edge.width) * width, ((clientY - edge.top) / edge.height) * height];
  }

  function useBrush(action) {
    erases = action === "erase";
    for (const name of ["paint", "erase"]) button(name).setAttribute("aria-pressed", name === action);
  }

  function button(action) { return element.querySelector(`[data-action=${action}]`); }

  function lift() {
    last = null;
    isDown = false;
    penState.textContent = "";
  }

  function onKey(event) {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!way && event.key !== " ") return;
    event.preventDefault();
    if (way) {
      place = [Math.min(width - 1, Math.max(0, place[0] + way[0])), Math.min(height - 1, Math.max(0, place[1] + way[1]))];
    } else if (isDown) lift();
    else isDown = true;
    if (isDown) {
      paintTo(place[0] + 0.5, place[1] + 0.5);
      show();
    }
    penState.textContent = isDown ? words.pen_down : words.pen_up;
    showCursor();
  }

  function showCursor() {
    cursor.hidden = false;
    cursor.style.left = `${(100 * (place[0] + 0.5)) / width}%`;
    cursor.style.top = `${(100 * (place[1] + 0.5)) / height}%`;
  }

  for (const action of ["paint", "erase"]) button(action).addEventListener("click", () => useBrush(action));
  button("sample").addEventListener("click", takeSample);
  button("clear").addEventListener("click", () => {
    pixels.fill(0);
    shown = -1;
    delete element.dataset.sample;
    show();
  });
  canvas.addEventListener("keydown", onKey);
  canvas.addEventListener("focus", () => { if (canvas.matches(":focus-visible")) showCursor(); });
  canvas.addEventListener("blur", () => {
    lift();
    cursor.hidden = true;
  });
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    lift();
    paintTo(...whereIs(event));
    show();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!canvas.hasPointerCapture(event.pointerId)) return;
    // A fast pen moves several times between two frames.
    const moves = event.getCoalescedEvents?.() ?? [];
    for (const move of moves.length ? moves : [event]) paintTo(...whereIs(move));
    show();
  });
  for (const type of ["pointerup", "pointercancel"]) canvas.addEventListener(type, () => { last = null; });

  // The runtime is several megabytes: it is loaded when the try-out comes into view.
  new IntersectionObserver((entries, observer) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    observer.disconnect();
    loadModel().then((loaded) => {
      model = loaded;
      judging.ask();
    }, fail);
  }).observe(element);
  takeSample();
}

/** The most probable of `count` classes for each pixel. */
function mostProbable(probabilities, count) {
  return Uint8Array.from({ length: probabilities.length / count }, (_, index) => {
    let best = 0;
    for (let number = 1; number < count; number += 1) {
      if (probabilities[index * count + number] > probabilities[index * count + best]) best = number;
    }
    return best;
  });
}

/** Pixels of one class that touch, corners included: their class, number, and the left and top edge. Not of the background. */
function patchesOf(classes, width) {
  const seen = new Uint8Array(classes.length), patches = [];
  classes.forEach((number, start) => {
    if (!number || seen[start]) return;
    const patch = { number, size: 0, left: width, top: classes.length }, waiting = [start];
    seen[start] = 1;
    while (waiting.length) {
      const index = waiting.pop(), x = index % width;
      patch.size += 1;
      patch.left = Math.min(patch.left, x);
      patch.top = Math.min(patch.top, Math.floor(index / width));
      for (const dy of [-width, 0, width]) {
        for (const dx of [-1, 0, 1]) {
          const next = index + dy + dx;
          if (x + dx < 0 || x + dx >= width || seen[next] !== 0 || classes[next] !== number) continue;
          seen[next] = 1;
          waiting.push(next);
        }
      }
    }
    patches.push(patch);
  });
  return patches;
}
