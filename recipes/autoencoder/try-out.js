/** A picture, what one's own network draws of it and how far that is off; and, with a bottleneck of two, its latent plane to walk about in. */
const size = 28;
const brush = 1.6; // pixels from the middle to the edge
const side = 400; // of the plane's drawing
const stride = 8; // of an arrow key, in the same units
const rare = 95, strange = 99; // per cent of the test pictures

export default function start(element, { data, words, loadModel }) {
  if (!data) return;
  const find = (name) => element.querySelector(`[data-${name}]`);
  const canvas = find("picture"), cursor = find("cursor"), verdict = find("verdict");
  const buttons = [...element.querySelectorAll("[data-sample]")];
  const images = buttons.map((button) => button.querySelector("img"));
  const plane = data.plane && latentPlane(element, data, words);
  let pixels = new Uint8ClampedArray(size * size), light = 255, place = [14, 14], isDown = false, chosen = -1;
  let coder = null, stale = false, busy = false;

  function show() {
    paintOn(canvas, pixels);
    redraw();
  }

  /** Never two at once: the newest picture wins. "data-judging" says that its answer is not there yet. */
  async function redraw() {
    stale = true;
    if (busy || !coder) return;
    busy = true;
    element.dataset.judging = "";
    try {
      while (stale) {
        stale = false;
        const seen = Float32Array.from(pixels);
        const outputs = await coder.predictAll(seen);
        const drawn = outputs.find(({ shape }) => shape.length === 4).values, code = outputs.find(({ shape }) => shape.length === 2).values;
        showDrawn(seen, drawn);
        plane?.moveTo([...code]);
        element.dispatchEvent(new CustomEvent("redrawn", { detail: { seen, drawn, code } }));
      }
    } catch (error) {
      fail(error);
    }
    busy = false;
    delete element.dataset.judging;
  }

  function showDrawn(seen, drawn) {
    paintOn(find("drawn"), drawn.map((value) => 255 * value));
    paintOn(find("difference"), drawn.map((value, index) => Math.abs(255 * value - seen[index])));
    const error = drawn.reduce((sum, value, index) => sum + (value - seen[index] / 255) ** 2, 0) / drawn.length;
    // The hundred and one shares of the test pictures' errors: how many of them this one is above.
    const share = Math.max(0, data.errors.filter((value) => value !== null && value <= error).length - 1);
    find("share").value = share;
    const sentence = share >= strange ? words.strange : share >= rare ? words.rare : words.common;
    verdict.textContent = sentence.replace("{error}", error.toFixed(4)).replace("{share}", `${share}%`);
    element.dataset.error = error;
  }

  function fail(error) {
    console.error(error);
    coder = null;
    verdict.textContent = words.failed;
  }

  async function choose(number) {
    chosen = number;
    buttons.forEach((button, index) => button.setAttribute("aria-pressed", index === number));
    await images[number].decode();
    if (chosen !== number) return;
    const paper = new OffscreenCanvas(size, size).getContext("2d");
    paper.drawImage(images[number], 0, 0);
    const { data: values } = paper.getImageData(0, 0, size, size);
    pixels = Uint8ClampedArray.from(pixels, (_, index) => values[4 * index]);
    show();
  }

  /** Painted on, turned or empty, it is no test picture any more. */
  function change(to) {
    chosen = -1;
    for (const button of buttons) button.setAttribute("aria-pressed", false);
    pixels = Uint8ClampedArray.from(pixels, to);
    show();
  }

  function paint(x, y) {
    change((value, index) => (Math.hypot((index % size) + 0.5 - x, Math.floor(index / size) + 0.5 - y) < brush ? light : value));
  }

  function whereIs({ clientX, clientY }) {
    const edge = canvas.getBoundingClientRect();
    return [((clientX - edge.left) / edge.width) * size, ((clientY - edge.top) / edge.height) * size];
  }

  function button(action) { return element.querySelector(`[data-action=${action}]`); }

  function useBrush(action) {
    light = action === "paint" ? 255 : 0;
    for (const name of ["paint", "erase"]) button(name).setAttribute("aria-pressed", name === action);
  }

  function onKey(event) {
    const way = wayOf(event.key);
    if (!way && event.key !== " ") return;
    event.preventDefault();
    if (way) place = place.map((value, axis) => Math.min(size - 1, Math.max(0, value + way[axis])));
    else isDown = !isDown;
    if (isDown) paint(place[0] + 0.5, place[1] + 0.5);
    cursor.hidden = false;
    cursor.style.left = `${(100 * (place[0] + 0.5)) / size}%`;
    cursor.style.top = `${(100 * (place[1] + 0.5)) / size}%`;
  }

  buttons.forEach((each, index) => each.addEventListener("click", () => choose(index)));
  for (const action of ["paint", "erase"]) button(action).addEventListener("click", () => useBrush(action));
  button("clear").addEventListener("click", () => change(() => 0));
  button("turn").addEventListener("click", () => {
    const before = pixels;
    change((_, index) => before[(size - 1 - (index % size)) * size + Math.floor(index / size)]);
  });
  button("noise").addEventListener("click", () => change((value) => value + 255 * (data.noise || 0.2) * normal()));
  canvas.addEventListener("keydown", onKey);
  canvas.addEventListener("blur", () => {
    isDown = false;
    cursor.hidden = true;
  });
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    paint(...whereIs(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!canvas.hasPointerCapture(event.pointerId)) return;
    // A fast pen moves several times between two frames.
    const moves = event.getCoalescedEvents?.() ?? [];
    for (const move of moves.length ? moves : [event]) paint(...whereIs(move));
  });

  // The runtime is several megabytes: it is loaded when the try-out comes into view.
  new IntersectionObserver((entries, observer) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    observer.disconnect();
    Promise.all([loadModel(), plane && loadModel("decoder")]).then(([loaded, decoder]) => {
      coder = loaded;
      if (decoder) plane.useDecoder(decoder, fail);
      if (stale) redraw();
    }, fail);
  }).observe(element);
  if (buttons.length) choose(0);
}

/** The plane of codes: a chosen point, and what the decoder draws there. */
function latentPlane(element, { plane: { points, range } }, words) {
  const drawing = element.querySelector("[data-plane]"), marker = element.querySelector("[data-marker]");
  const decoded = element.querySelector("[data-decoded]"), here = element.querySelector("[data-here]");
  const shows = [...element.querySelectorAll("[data-show]")];
  let code = range.map(([low, high]) => (low + high) / 2), decoder = null, stale = false, busy = false, fail = console.error;

  function moveTo(next) {
    code = next;
    const [x, y] = placeOf(code);
    marker.setAttribute("transform", `translate(${clamp(x)} ${clamp(y)})`);
    marker.removeAttribute("hidden");
    const of = points.reduce((best, point) => (farness(point) < farness(best) ? point : best));
    const name = shows[of[2]].textContent.trim();
    here.textContent = words.here.replace("{x}", code[0].toFixed(2)).replace("{y}", code[1].toFixed(2)).replace("{label}", name);
    decode();
  }

  /** In units of the drawing, because the two numbers of a code may have different scales. */
  function farness([x, y]) {
    const [one, other] = [placeOf([x, y]), placeOf(code)];
    return Math.hypot(one[0] - other[0], one[1] - other[1]);
  }

  function placeOf([x, y]) {
    const [[left, right], [bottom, top]] = range;
    return [(side * (x - left)) / (right - left), side - (side * (y - bottom)) / (top - bottom)];
  }

  function codeOf([x, y]) {
    const [[left, right], [bottom, top]] = range;
    return [left + ((right - left) * clamp(x)) / side, bottom + ((top - bottom) * (side - clamp(y))) / side];
  }

  async function decode() {
    stale = true;
    if (busy || !decoder) return;
    busy = true;
    element.dataset.decoding = "";
    try {
      while (stale) {
        stale = false;
        const given = Float32Array.from(code);
        const picture = await decoder.predict(given);
        paintOn(decoded, picture.map((value) => 255 * value));
        element.dispatchEvent(new CustomEvent("decoded", { detail: { code: given, picture } }));
      }
    } catch (error) {
      decoder = null;
      fail(error);
    }
    busy = false;
    delete element.dataset.decoding;
  }

  function whereIs({ clientX, clientY }) {
    const edge = drawing.getBoundingClientRect();
    return [((clientX - edge.left) / edge.width) * side, ((clientY - edge.top) / edge.height) * side];
  }

  drawing.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    drawing.setPointerCapture(event.pointerId);
    drawing.focus({ preventScroll: true });
    moveTo(codeOf(whereIs(event)));
  });
  drawing.addEventListener("pointermove", (event) => {
    if (drawing.hasPointerCapture(event.pointerId)) moveTo(codeOf(whereIs(event)));
  });
  drawing.addEventListener("keydown", (event) => {
    const way = wayOf(event.key);
    if (!way) return;
    event.preventDefault();
    moveTo(codeOf(placeOf(code).map((value, axis) => value + stride * way[axis])));
  });
  for (const button of shows) {
    button.addEventListener("click", () => {
      const shown = button.getAttribute("aria-pressed") === "true" ? null : button.dataset.show;
      for (const each of shows) each.setAttribute("aria-pressed", each.dataset.show === shown);
      for (const path of drawing.querySelectorAll("[data-class]")) path.toggleAttribute("data-faint", shown !== null && path.dataset.class !== shown);
    });
  }
  return {
    moveTo,
    useDecoder(loaded, whenItFails) {
      [decoder, fail] = [loaded, whenItFails];
      if (stale) decode();
    },
  };
}

function clamp(value) { return Math.min(side, Math.max(0, value)); }

function wayOf(key) { return { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key]; }

/** Grey values, clipped to 0 to 255. */
function paintOn(canvas, values) {
  const context = canvas.getContext("2d"), picture = context.createImageData(size, size);
  values.forEach((value, index) => picture.data.set([value, value, value, 255], 4 * index));
  context.putImageData(picture, 0, 0);
}

/** A normally distributed random number, after Box and Muller. */
function normal() { return Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random()); }
