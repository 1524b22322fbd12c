/** The pictures of the race: the map with its contour lines and tracks, and the curves of the loss. */
import { FINISH, contour } from "./race.js";

const LEVELS = Array.from({ length: 17 }, (_, i) => 0.01 * 2 ** i);

export function drawMap({ context, width, height }, { box, loss, minima = [[0, 0]] }, runners, step, colour) {
  const [left, right, bottom, top] = box;
  const x = (p) => ((p - left) / (right - left)) * width, y = (q) => ((top - q) / (top - bottom)) * height;
  const rows = Math.round(height / 5), columns = Math.round(width / 5);
  const sample = (i, j) => loss(left + (i / columns) * (right - left), top - (j / rows) * (top - bottom));
  context.strokeStyle = colour("line-strong");
  context.lineWidth = 1;
  context.globalAlpha = 0.55;
  context.beginPath();
  for (const level of LEVELS) for (const [x1, y1, x2, y2] of contour(sample, level, columns, rows)) {
    context.moveTo((x1 / columns) * width, (y1 / rows) * height);
    context.lineTo((x2 / columns) * width, (y2 / rows) * height);
  }
  context.stroke();
  context.globalAlpha = 1;
  drawFrame(context, { width, height, colour });
  for (const [p, q] of minima) drawGoal(context, x(p), y(q), colour);
  for (const runner of runners) drawTrack(context, runner, step, { x, y, colour });
}

function drawFrame(context, { width, height, colour }) {
  context.fillStyle = colour("ink-soft");
  context.font = "italic 15px Georgia, serif";
  context.fillText("w₁ →", width - 40, height - 10);
  context.fillText("w₂ ↑", 8, 20);
}

function drawGoal(context, x, y, colour) {
  context.strokeStyle = colour("ink");
  context.lineWidth = 2;
  context.beginPath();
  for (const [dx, dy] of [[6, 6], [6, -6]]) {
    context.moveTo(x - dx, y - dy);
    context.lineTo(x + dx, y + dy);
  }
  context.stroke();
}

function drawTrack(context, { track, colour: token, mark }, step, { x, y, colour }) {
  const points = track.slice(0, step + 1).map(({ p, q }) => [clamp(x(p)), clamp(y(q))]);
  context.strokeStyle = context.fillStyle = colour(token);
  context.lineWidth = 2;
  context.lineJoin = "round";
  context.beginPath();
  points.forEach(([px, py], i) => (i ? context.lineTo(px, py) : context.moveTo(px, py)));
  context.stroke();
  for (const [px, py] of points.slice(0, -1)) drawMark(context, mark, px, py, 2);
  drawMark(context, mark, ...points.at(-1), 7);
}

// The coordinates of a diverging runner may be too large for a canvas.
const clamp = (value) => Math.max(-1e4, Math.min(1e4, value));

function drawMark(context, mark, x, y, size) {
  context.beginPath();
  if (mark === "●") context.arc(x, y, size, 0, 2 * Math.PI);
  else if (mark === "■") context.rect(x - size, y - size, 2 * size, 2 * size);
  else for (const [dx, dy] of [[0, -1.2], [1.1, 0.9], [-1.1, 0.9]]) context.lineTo(x + dx * size, y + dy * size);
  context.fill();
}

/** log10 of the loss by step, so far; the dashed line is the finish. */
export function drawLosses({ context, width, height }, runners, step, { steps, colour, words }) {
  const start = runners[0].track[0].loss, high = Math.ceil(Math.log10(Math.max(start, 1e-3))) + 1, low = high - 6, margin = 8;
  const x = (i) => margin + (i / steps) * (width - 2 * margin);
  const y = (loss) => 4 + ((high - Math.max(low, Math.min(high, Math.log10(Math.max(loss, 1e-12))))) / (high - low)) * (height - 8);
  const line = (value, dash, token) => {
    context.setLineDash(dash);
    context.strokeStyle = colour(token);
    context.beginPath();
    context.moveTo(x(0), y(value));
    context.lineTo(x(steps), y(value));
    context.stroke();
    context.setLineDash([]);
  };
  context.lineWidth = 1;
  for (let power = low; power <= high; power += 1) line(10 ** power, [], "line");
  line(FINISH * start, [6, 5], "ink");
  for (const { track, colour: token, mark } of runners) {
    context.strokeStyle = context.fillStyle = colour(token);
    context.lineWidth = 2;
    context.beginPath();
    const shown = track.slice(0, step + 1);
    shown.forEach(({ loss }, i) => (i ? context.lineTo(x(i), y(loss)) : context.moveTo(x(i), y(loss))));
    context.stroke();
    drawMark(context, mark, x(shown.length - 1), y(shown.at(-1).loss), 4);
  }
  context.fillStyle = colour("ink-soft");
  context.font = "13px sans-serif";
  context.textAlign = "right";
  context.fillText(words, width - margin, 18);
  context.textAlign = "left";
}
