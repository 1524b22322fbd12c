/**
 * The net, the points and the link text of the figure `two-groups`, without any drawing.
 *
 * `units` hidden neurons with tanh, one output with the sigmoid, cross-entropy as loss, all points in every step,
 * Adam as the step rule. The same seed, points and number of steps give the same net.
 */
import { randomOf } from "../../js/random.js";

export const WIDE = 4 / 3; // the plane shown is x in -WIDE..WIDE, y in -1..1
export const LAST_STEP = 600;
export const MOST_POINTS = 200;
const LEARNING_RATE = 0.03;

/** A fresh net. Its parameters are one flat array: for each neuron wx, wy, b, v; at the end the output's bias. */
export function makeNet(units, seed) {
  const next = randomOf(seed);
  const parameters = new Float64Array(4 * units + 1);
  for (let i = 0; i < 4 * units; i++) parameters[i] = (next() * 2 - 1) * [2, 2, 1, 0.5][i % 4];
  return { units, parameters, mean: new Float64Array(4 * units + 1), square: new Float64Array(4 * units + 1), step: 0 };
}

/** The net's probability, 0..1, that a point belongs to the second group. */
export function probability({ units, parameters: p }, x, y) {
  let score = p[4 * units];
  for (let i = 0; i < 4 * units; i += 4) score += p[i + 3] * Math.tanh(p[i] * x + p[i + 1] * y + p[i + 2]);
  return 1 / (1 + Math.exp(-score));
}

/** Mean cross-entropy over the points and its gradient, one number per parameter (backpropagation). */
export function lossAndGradient(net, points) {
  const { units, parameters: p } = net, gradient = new Float64Array(p.length);
  let loss = 0;
  for (const { x, y, group } of points) {
    const guess = probability(net, x, y);
    loss -= Math.log(Math.max(1e-12, group ? guess : 1 - guess)) / points.length;
    const blame = (guess - group) / points.length;
    gradient[4 * units] += blame;
    for (let i = 0; i < 4 * units; i += 4) {
      const h = Math.tanh(p[i] * x + p[i + 1] * y + p[i + 2]);
      const inner = blame * p[i + 3] * (1 - h * h);
      gradient[i] += inner * x;
      gradient[i + 1] += inner * y;
      gradient[i + 2] += inner;
      gradient[i + 3] += blame * h;
    }
  }
  return { loss, gradient };
}

/** One step of Adam, in place; returns the loss before the step. */
export function trainStep(net, points) {
  const { loss, gradient } = lossAndGradient(net, points);
  net.step++;
  for (let i = 0; i < gradient.length; i++) {
    net.mean[i] = 0.9 * net.mean[i] + 0.1 * gradient[i];
    net.square[i] = 0.999 * net.square[i] + 0.001 * gradient[i] ** 2;
    const mean = net.mean[i] / (1 - 0.9 ** net.step), square = net.square[i] / (1 - 0.999 ** net.step);
    net.parameters[i] -= (LEARNING_RATE * mean) / (Math.sqrt(square) + 1e-8);
  }
  return loss;
}

/** Number of correctly classified points. */
export function countRight(net, points) {
  return points.filter(({ x, y, group }) => (probability(net, x, y) > 0.5) === (group === 1)).length;
}

// Angles are spread evenly, so that chance leaves no gap: the tips of the moons make them hard for a straight line.
const shapes = {
  ring(i, next) {
    const group = i % 2, turn = ((i >> 1) + next()) / 30 * 2 * Math.PI, radius = group ? 0.68 + next() * 0.2 : Math.sqrt(next()) * 0.38;
    return { x: radius * Math.cos(turn), y: radius * Math.sin(turn), group };
  },
  moons(i, next) {
    const group = i % 2, turn = ((i >> 1) + next()) / 30 * Math.PI, wobble = () => (next() - 0.5) * 0.14;
    const x = 0.74 * Math.cos(turn) - 0.36, y = 0.9 * Math.sin(turn) - 0.24;
    return { x: (group ? -x : x) + wobble(), y: (group ? -y : y) + wobble(), group };
  },
  corners(i, next) {
    const right = i % 2, top = (i >> 1) % 2;
    const away = () => 0.12 + next() * 0.68;
    return { x: away() * (right ? 1 : -1), y: away() * (top ? 1 : -1), group: right ^ top };
  },
};

/** Sixty points of a ready-made shape (ring, moons, corners), or none. */
export function preset(name) {
  if (!shapes[name]) return [];
  const next = randomOf(7);
  return Array.from({ length: 60 }, (_, i) => shapes[name](i, next));
}

const DIGITS = 1295; // two base-36 digits
const pack = (value, reach) => Math.round(((value + reach) / (2 * reach)) * DIGITS).toString(36).padStart(2, "0");
const unpack = (text, reach) => (parseInt(text, 36) / DIGITS) * 2 * reach - reach;

/** Points as text for a link, five characters each: two for x, two for y, one for the group. */
export function encode(points) {
  return points.map(({ x, y, group }) => pack(x, WIDE) + pack(y, 1) + group).join("");
}

/** The points of such a text; invalid ones are left out. */
export function decode(text) {
  return (text.match(/[0-9a-z]{4}[01]/g) ?? []).slice(0, MOST_POINTS)
    .map((part) => ({ x: unpack(part.slice(0, 2), WIDE), y: unpack(part.slice(2, 4), 1), group: Number(part[4]) }));
}
