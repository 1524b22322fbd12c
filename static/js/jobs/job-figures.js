/**
 * Small drawings of a job, painted from data: a decision boundary (redrawn after each epoch), weight templates.
 * Each is an element with data-job-figure="kind" and its data in a JSON script inside.
 */
const painters = { boundary: paintBoundary, templates: paintTemplates };

export function startJobFigure(element) {
  let figure = JSON.parse(element.querySelector("script").textContent);
  const paint = () => { if (figure) painters[element.dataset.jobFigure](element, figure); };
  paint();
  document.addEventListener("themechange", paint);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
  element.closest("[data-job]")?.addEventListener("jobepoch", (event) => {
    const fresh = event.detail.extra?.[element.dataset.jobFigure];
    if (!fresh) return;
    figure = fresh;
    element.hidden = false;
    const caption = element.querySelector("[data-epoch]");
    if (caption) caption.textContent = event.detail.epoch;
    paint();
  });
}

/** The bytes of a base64 text. */
export function bytesOf(text) {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

function colourOf(element, token) {
  const probe = element.appendChild(document.createElement("span"));
  probe.style.color = `var(--${token})`;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const context = canvas.getContext("2d");
  context.fillStyle = getComputedStyle(probe).color;
  context.fillRect(0, 0, 1, 1);
  probe.remove();
  return [...context.getImageData(0, 0, 1, 1).data.slice(0, 3)];
}

const mix = (from, to, share) => from.map((value, index) => Math.round(value + (to[index] - value) * share));

/** Byte 0 is series 1, 255 series 2, in between paper: the paler, the less certain. The first row is the lowest. */
function paintBoundary(element, { size, range, values, points = [] }) {
  const canvas = element.querySelector("canvas");
  const [first, second, paper, ink] = ["series-1", "series-2", "paper-raised", "ink"].map((token) => colourOf(element, token));
  const grid = document.createElement("canvas");
  grid.width = grid.height = size;
  const image = grid.getContext("2d").createImageData(size, size);
  bytesOf(values).forEach((byte, index) => {
    const share = byte / 127.5 - 1;
    const row = size - 1 - Math.floor(index / size);
    image.data.set([...mix(paper, share < 0 ? first : second, Math.abs(share) * 0.75), 255], 4 * (row * size + (index % size)));
  });
  grid.getContext("2d").putImageData(image, 0, 0);
  const side = 640;
  canvas.width = canvas.height = side;
  const context = canvas.getContext("2d");
  context.drawImage(grid, 0, 0, side, side);
  const place = (value) => ((value - range[0]) / (range[1] - range[0])) * side;
  for (const [x1, x2, label] of points) {
    context.beginPath();
    // Never by colour alone: one class is round, the other square.
    if (label) context.rect(place(x1) - 5, side - place(x2) - 5, 10, 10);
    else context.arc(place(x1), side - place(x2), 6, 0, 2 * Math.PI);
    context.fillStyle = `rgb(${label ? second : first})`;
    context.strokeStyle = `rgb(${mix(paper, ink, 0.1)})`;
    context.lineWidth = 1.5;
    context.fill();
    context.stroke();
  }
}

/** Byte 128 is weight 0 (paper), 255 the most positive (series 1), 1 the most negative (series 2). */
function paintTemplates(element, { height, width, templates }) {
  const [positive, negative, paper] = ["series-1", "series-2", "paper-raised"].map((token) => colourOf(element, token));
  element.querySelectorAll("canvas").forEach((canvas, number) => {
    canvas.width = width;
    canvas.height = height;
    const context = canvas.getContext("2d");
    const image = context.createImageData(width, height);
    bytesOf(templates[number].values).forEach((byte, index) => {
      const share = (byte - 128) / 127;
      image.data.set([...mix(paper, share < 0 ? negative : positive, Math.min(1, Math.abs(share))), 255], 4 * index);
    });
    context.putImageData(image, 0, 0);
  });
}
