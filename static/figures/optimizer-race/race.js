/** The mathematics of the race: landscapes, optimisers, and the tracks they leave. */
import { bellOf, randomOf } from "../../js/random.js";

/** Losses of two weights p and q. `box` is what the map shows: [left, right, bottom, top]. */
export const landscapes = {
  bowl: {
    box: [-4, 4, -2.2, 2.2], start: { p: -3.2, q: 1.8 },
    loss: (p, q) => (p * p + q * q) / 2,
    gradient: (p, q) => [p, q],
  },
  valley: {
    box: [-4, 4, -2.2, 2.2], start: { p: -3.2, q: 0.6 },
    loss: (p, q) => (p * p + 100 * q * q) / 2,
    gradient: (p, q) => [p, 100 * q],
  },
  saddle: {
    box: [-2.4, 2.4, -1.32, 1.32], start: { p: 0.02, q: 1.1 },
    minima: [[-1, 0], [1, 0]],
    loss: (p, q) => (p * p - 1) ** 2 / 4 + q * q,
    gradient: (p, q) => [p * (p * p - 1), 2 * q],
  },
};

/** One step each: from the optimiser's memory, the gradient and the rate to [change of p, change of q]. */
export const optimizers = {
  sgd: { memory: () => ({}), step: (memory, gradient, rate) => gradient.map((g) => -rate * g) },
  momentum: {
    memory: () => ({ v: [0, 0] }),
    step(memory, gradient, rate, beta = 0.9) {
      memory.v = memory.v.map((v, i) => beta * v - rate * gradient[i]);
      return memory.v;
    },
  },
  adam: {
    memory: () => ({ m: [0, 0], s: [0, 0], t: 0 }),
    step(memory, gradient, rate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7) {
      memory.t += 1;
      memory.m = memory.m.map((m, i) => beta1 * m + (1 - beta1) * gradient[i]);
      memory.s = memory.s.map((s, i) => beta2 * s + (1 - beta2) * gradient[i] ** 2);
      return memory.m.map((m, i) => {
        const mean = m / (1 - beta1 ** memory.t), square = memory.s[i] / (1 - beta2 ** memory.t);
        return (-rate * mean) / (Math.sqrt(square) + epsilon);
      });
    },
  },
};

/** Loss below which a runner has arrived, as a fraction of the loss at the start. */
export const FINISH = 0.01;
/** Steps that it must stay there: one that overshoots has not arrived. */
export const STAY = 10;
const LOST = 1e6;

/**
 * The track of one optimiser: [{ p, q, loss }], the start first. It ends early once the loss exceeds a million.
 * `noise` is the standard deviation that a small batch adds to each part of the gradient, the same for all runners.
 */
export function run(name, landscape, { p, q, rate, steps, noise = 0, seed = 7 }) {
  const { loss, gradient } = landscapes[landscape], { memory, step } = optimizers[name];
  const kept = memory(), random = bellOf(randomOf(seed)), track = [{ p, q, loss: loss(p, q) }];
  for (let i = 0; i < steps && track.at(-1).loss <= LOST; i += 1) {
    const here = track.at(-1), slopes = gradient(here.p, here.q).map((g) => g + noise * random());
    const [dp, dq] = step(kept, slopes, rate);
    track.push({ p: here.p + dp, q: here.q + dq, loss: loss(here.p + dp, here.q + dq) });
  }
  return track;
}

/** The first step from which the loss stays below FINISH times that of the start for STAY steps; "lost"; or null. */
export function arrival(track) {
  if (track.at(-1).loss > LOST) return "lost";
  const home = track.map(({ loss }) => loss <= FINISH * track[0].loss);
  const step = home.findIndex((_, i) => i + STAY < track.length && home.slice(i, i + STAY + 1).every(Boolean));
  return step < 0 ? null : step;
}

/** The names of those that arrive first; empty if none does. */
export function winners(tracks) {
  const times = Object.entries(tracks).map(([name, track]) => [name, arrival(track)]).filter(([, time]) => typeof time === "number");
  const best = Math.min(...times.map(([, time]) => time));
  return times.filter(([, time]) => time === best).map(([name]) => name);
}

/** The lines of equal `value` on a grid of `columns` x `rows` cells: [[x1, y1, x2, y2]] in cells (marching squares). */
export function contour(sample, value, columns, rows) {
  const lines = [];
  for (let i = 0; i < columns; i += 1) for (let j = 0; j < rows; j += 1) {
    const corners = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]].map(([x, y]) => ({ x, y, z: sample(x, y) - value }));
    const crossings = corners.flatMap((a, k) => {
      const b = corners[(k + 1) % 4];
      if (a.z < 0 === b.z < 0) return [];
      const share = a.z / (a.z - b.z);
      return [[a.x + share * (b.x - a.x), a.y + share * (b.y - a.y)]];
    });
    for (let k = 0; k + 1 < crossings.length; k += 2) lines.push([...crossings[k], ...crossings[k + 1]]);
  }
  return lines;
}
