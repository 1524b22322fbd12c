import assert from "node:assert/strict";
import { test } from "node:test";

import { activations, backward, descend, format, forward, graphs, guesses, plan, shrinkage } from "../../static/figures/backprop-graph.js";

const near = (actual, expected, tolerance = 1e-6) => assert.ok(Math.abs(actual - expected) <= tolerance * Math.max(1, Math.abs(expected)), `${actual} is not ${expected}`);
const gradientsOf = (graph, state) => backward(graph, state, forward(graph, state)).gradients;
const full = (graph, changes = {}) => ({ activation: "relu", ...graph.preset, ...changes });

test("the neuron has the numbers that the lesson works out by hand", () => {
  const state = full(graphs.neuron), values = forward(graphs.neuron, state);
  assert.deepEqual(values, { x: 2, w: 1.5, a: 3, b: -1, z: 2, p: 2, y: 0.5, L: 2.25 });
  const { w, b, x, z } = gradientsOf(graphs.neuron, state);
  assert.deepEqual([w, b, x, z], [6, 3, 4.5, 3]);
});

test("the blame of two paths is added: 4.5 − 2 = 2.5", () => {
  const { h, w, u, v } = gradientsOf(graphs.fork, full(graphs.fork));
  assert.deepEqual([h, w, u, v], [2.5, 2.5, 6, -8]);
});

for (const [name, graph] of Object.entries(graphs)) {
  for (const activation of Object.keys(activations)) {
    test(`${name}, ${activation}: every gradient of a given value agrees with a small nudge`, () => {
      const state = full(graph, { activation, x: 0.7 }), gradients = gradientsOf(graph, state), nudge = 1e-5;
      for (const { id } of graph.nodes.filter((node) => !node.op)) {
        const loss = (by) => forward(graph, { ...state, [id]: state[id] + by }).L;
        near(gradients[id], (loss(nudge) - loss(-nudge)) / (2 * nudge), 1e-5);
      }
    });
  }
}

test("the forward pass computes each node after its parents, the backward pass visits it after its children", () => {
  for (const graph of Object.values(graphs)) {
    const steps = plan(graph), place = (pass, id) => steps.findIndex((step) => step.pass === pass && step.id === id);
    for (const node of graph.nodes.filter((each) => each.op)) for (const id of node.from) {
      if (graph.nodes.find((each) => each.id === id).op) assert.ok(place("forward", id) < place("forward", node.id));
      if (place("backward", id) >= 0) assert.ok(place("backward", id) > place("backward", node.id));
    }
  }
});

test("eight sigmoids leave less than a thousandth of the gradient, eight ReLUs all of it", () => {
  const arrives = (changes) => { const { x, h8 } = gradientsOf(graphs.deep, full(graphs.deep, changes)); return shrinkage(x, h8); };
  assert.ok(arrives({ activation: "sigmoid" }) < 1e-3);
  assert.ok(arrives({ activation: "sigmoid" }) <= 0.25 ** 8 * 1.0001);
  assert.equal(arrives({ activation: "relu" }), 1);
  near(arrives({ activation: "relu", w: 2 }), 256);
  assert.equal(arrives({ activation: "relu", w: -1 }), null);
});

test("one step against the gradient lowers the loss of the neuron from 2.25 to 0.5625", () => {
  const state = full(graphs.neuron), changes = descend(graphs.neuron, state, gradientsOf(graphs.neuron, state), 0.05);
  assert.deepEqual(changes, { w: 1.2, b: -1.15 });
  near(forward(graphs.neuron, { ...state, ...changes }).L, 0.5625);
});

test("every guess offers three different answers, the right one among them", () => {
  for (const graph of [graphs.neuron, graphs.fork]) for (const changes of [{}, { x: 0, w: 0 }, { x: -2, w: 3 }]) {
    const state = full(graph, changes), values = forward(graph, state), { gradients, messages } = backward(graph, state, values);
    for (const { id } of plan(graph).filter((step) => step.pass === "backward" && step.id !== "L")) {
      const answers = guesses(messages.filter(({ to }) => to === id), gradients[id], values[id]).map(format);
      assert.equal(new Set(answers).size, 3, `${id}: ${answers}`);
      assert.ok(answers.includes(format(gradients[id])), id);
    }
  }
});

test("numbers are short, with a real minus sign, and small ones keep two figures", () => {
  assert.deepEqual([0, 2, -1.5, 0.1966, 0.00075, 0.0000073, 65536, 1e-20].map(format), ["0", "2", "−1.5", "0.1966", "0.00075", "7.3e−6", "65536", "0"]);
});

test("the drawings place no two nodes on each other", () => {
  for (const graph of Object.values(graphs)) for (const drawing of ["wide", "narrow"]) for (const p of graph.nodes) for (const q of graph.nodes) {
    if (p !== q) assert.ok(Math.hypot(p[drawing][0] - q[drawing][0], p[drawing][1] - q[drawing][1]) > 40, `${p.id} ${q.id}`);
  }
});
