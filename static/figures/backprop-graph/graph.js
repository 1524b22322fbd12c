/** The mathematics of the computation graph: values forwards, gradients backwards, and the order of the steps. */
const sigmoid = (z) => 1 / (1 + Math.exp(-z));

export const activations = {
  relu: { label: "ReLU", value: (z) => Math.max(0, z), slope: (z) => (z > 0 ? 1 : 0) },
  sigmoid: { label: "sigmoid", value: sigmoid, slope: (z) => sigmoid(z) * (1 - sigmoid(z)) },
  tanh: { label: "tanh", value: Math.tanh, slope: (z) => 1 - Math.tanh(z) ** 2 },
};

/** Operations: `value` and `slopes` (one per parent) from the parents' values, the figure's state and the node. */
export const operations = {
  multiply: { sign: "×", value: ([p, q]) => p * q, slopes: ([p, q]) => [q, p] },
  add: { sign: "+", value: ([p, q]) => p + q, slopes: () => [1, 1] },
  activate: {
    value: ([z], { activation }) => activations[activation].value(z),
    slopes: ([z], { activation }) => [activations[activation].slope(z)],
  },
  layer: {
    value: ([h], { activation, w }) => activations[activation].value(w * h),
    slopes: ([h], { activation, w }) => [w * activations[activation].slope(w * h)],
  },
  square: {
    sign: "( )²",
    value: ([p, y], state, node) => (p - (node.target ?? y)) ** 2,
    slopes: ([p, y], state, node) => [2 * (p - (node.target ?? y)), -2 * (p - (node.target ?? y))],
  },
};

// `wide` and `narrow` are positions on drawings 720 and 360 units wide; `at` is where the numbers go.
const chain = Array.from({ length: 10 }, (_, i) => ({
  id: i === 0 ? "x" : i === 9 ? "L" : `h${i}`,
  name: i === 0 ? "x" : i === 9 ? "L" : `h${"₀₁₂₃₄₅₆₇₈"[i]}`,
  wide: [84 + 66 * i, 76], narrow: [34, 38 + 50 * i], at: ["split", "row"],
  ...(i === 0 ? {} : i === 9 ? { op: "square", from: ["h8"], target: 0 } : { op: "layer", from: [i === 1 ? "x" : `h${i - 1}`] }),
}));

export const graphs = {
  neuron: {
    label: { zh: "一个神经元", en: "One neuron" }, size: [290, 470], preset: { x: 2, w: 1.5, b: -1, y: 0.5, activation: "relu" },
    sliders: ["x", "w", "b", "y"], parameters: ["w", "b"], activation: true,
    nodes: [
      { id: "x", name: "x", wide: [70, 66], narrow: [76, 48], at: ["split", "split"] },
      { id: "w", name: "w", wide: [70, 208], narrow: [284, 48], at: ["split", "split"] },
      { id: "a", name: "a", op: "multiply", from: ["w", "x"], wide: [218, 132], narrow: [180, 130], at: ["split", "right"] },
      { id: "b", name: "b", wide: [246, 240], narrow: [62, 190], at: ["right", "above"] },
      { id: "z", name: "z", op: "add", from: ["a", "b"], wide: [362, 132], narrow: [180, 225], at: ["split", "right"] },
      { id: "p", name: "ŷ", op: "activate", from: ["z"], wide: [506, 132], narrow: [180, 320], at: ["split", "right"] },
      { id: "y", name: "y", wide: [534, 240], narrow: [62, 375], at: ["right", "above"], constant: true },
      { id: "L", name: "L", op: "square", from: ["p", "y"], wide: [650, 132], narrow: [180, 415], at: ["split", "right"] },
    ],
  },
  fork: {
    label: { zh: "有岔路", en: "A fork" }, size: [300, 500], preset: { x: 1, w: 2, u: 1.5, v: 0.5 },
    sliders: ["x", "w", "u", "v"], parameters: ["w", "u", "v"],
    nodes: [
      { id: "x", name: "x", wide: [60, 84], narrow: [76, 48], at: ["split", "split"] },
      { id: "w", name: "w₁", wide: [60, 226], narrow: [284, 48], at: ["split", "split"] },
      { id: "h", name: "h", op: "multiply", from: ["w", "x"], wide: [196, 150], narrow: [180, 130], at: ["split", "right"] },
      { id: "u", name: "w₂", wide: [220, 42], narrow: [32, 184], at: ["left", "split"] },
      { id: "p", name: "ŷ₁", op: "multiply", from: ["u", "h"], wide: [348, 84], narrow: [105, 276], at: ["split", "left"] },
      { id: "d", name: "L₁", op: "square", from: ["p"], target: 1.5, wide: [490, 84], narrow: [105, 366], at: ["split", "left"] },
      { id: "v", name: "w₃", wide: [220, 262], narrow: [328, 184], at: ["left", "split"] },
      { id: "q", name: "ŷ₂", op: "multiply", from: ["v", "h"], wide: [348, 216], narrow: [255, 276], at: ["split", "right"] },
      { id: "e", name: "L₂", op: "square", from: ["q"], target: 3, wide: [490, 216], narrow: [255, 366], at: ["split", "right"] },
      { id: "L", name: "L", op: "add", from: ["d", "e"], wide: [640, 150], narrow: [180, 452], at: ["split", "right"] },
    ],
  },
  deep: {
    label: { zh: "八层的链", en: "Eight layers" }, size: [320, 540], preset: { x: 1, w: 1, activation: "sigmoid" },
    sliders: ["w"], parameters: [], activation: true, nodes: chain,
  },
};

/** The value of every node, by id. */
export function forward(graph, state) {
  const values = {};
  for (const node of graph.nodes) {
    values[node.id] = node.op ? operations[node.op].value(node.from.map((id) => values[id]), state, node) : state[node.id];
  }
  return values;
}

/** The gradient of L with respect to every node, by id, and the messages { from: child, to: parent, upstream, slope, value }. */
export function backward(graph, state, values) {
  const gradients = Object.fromEntries(graph.nodes.map((node) => [node.id, 0]));
  const messages = [];
  gradients.L = 1;
  for (const node of graph.nodes.filter((each) => each.op).reverse()) {
    const slopes = operations[node.op].slopes(node.from.map((id) => values[id]), state, node);
    node.from.forEach((to, i) => {
      const upstream = gradients[node.id], value = upstream * slopes[i];
      gradients[to] += value;
      messages.push({ from: node.id, to, upstream, slope: slopes[i], value });
    });
  }
  return { gradients, messages };
}

/** The walk: [{ pass: "forward"|"backward", id }]. Given values have no forward step, the label y no backward one. */
export function plan(graph) {
  const nodes = graph.nodes;
  return [
    ...nodes.filter((node) => node.op).map(({ id }) => ({ pass: "forward", id })),
    ...nodes.filter((node) => !node.constant).reverse().map(({ id }) => ({ pass: "backward", id })),
  ];
}

/** The parameters after one step of gradient descent, rounded to 4 decimals so that links stay short. */
export function descend(graph, state, gradients, rate) {
  return Object.fromEntries(graph.parameters.map((id) => [id, Math.round((state[id] - rate * gradients[id]) * 1e4) / 1e4]));
}

/** |first / last|: how much of a gradient arrives; null if none could. */
export function shrinkage(first, last) {
  return last === 0 ? null : Math.abs(first / last);
}

/** A number for display: at most four digits, a real minus sign, and `7.3e−6` below 0.0001. */
export function format(value) {
  const size = Math.abs(value);
  if (size < 1e-15) return "0";
  const text = size < 1e-4 || size >= 1e5 ? value.toExponential(1).replace("e+", "e")
    : String(Number(size < 0.1 ? value.toPrecision(2) : value.toFixed(size < 1 ? 4 : size < 10 ? 3 : size < 100 ? 1 : 0)));
  return text.replaceAll("-", "−");
}

/** Three different answers to "what is the gradient of this node?": the right one and what common mistakes give. */
export function guesses(messages, gradient, own) {
  const [{ upstream, slope }] = messages;
  const wrong = messages.length > 1
    ? [messages[0].value * messages[1].value, messages[0].value, messages[1].value]
    : [upstream * own, upstream + slope, slope, upstream, -gradient, gradient + 1, gradient / 2 + 2];
  const answers = [gradient];
  for (const value of wrong) if (answers.length < 3 && !answers.map(format).includes(format(value))) answers.push(value);
  return answers.sort((p, q) => p - q);
}
