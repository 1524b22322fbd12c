/** What one step did, as text: the computation of a node, or the origin of its gradient. */
import { activations, format } from "./graph.js";

const bracket = (value) => (value < 0 ? `(${format(value)})` : format(value));

/** The computation of one node, with letters and then with numbers. */
export function formula(node, { graph, values }, { activation, w }) {
  const names = node.from.map((id) => graph.nodes.find((each) => each.id === id).name);
  const numbers = node.from.map((id) => bracket(values[id]));
  const called = activations[activation].label;
  const second = node.target === undefined ? names[1] : node.target;
  const [letters, digits] = {
    multiply: [names.join(" × "), numbers.join(" × ")],
    add: [names.join(" + "), numbers.join(" + ")],
    activate: [`${called}(${names[0]})`, `${called}(${format(values[node.from[0]])})`],
    layer: [`${called}(w × ${names[0]})`, `${called}(${bracket(w)} × ${numbers[0]})`],
    square: [`(${names[0]} − ${second})²`, `(${format(values[node.from[0]])} − ${node.target ?? numbers[1]})²`],
  }[node.op];
  return `${node.name} = ${letters} = ${digits} = ${format(values[node.id])}`;
}

/** How a node's gradient was computed, and why the local slope is what it is. */
export function blame(node, { graph, messages, gradients, values }, say) {
  if (node.id === "L") return say("反向从损失开始：L 对自己的斜率是 1。", "Backwards, from the loss: the slope of L by itself is 1.");
  const incoming = messages.filter(({ to }) => to === node.id);
  const product = incoming.map(({ upstream, slope }) => `${bracket(upstream)} × ${bracket(slope)}`).join(" + ");
  const result = `∂L/∂${node.name} = ${product} = ${format(gradients[node.id])}`;
  if (incoming.length > 1) return `${result}${say("。两条路送回的责任，相加。", ". Two paths send blame back: add them.")}`;
  const child = graph.nodes.find(({ id }) => id === incoming[0].from);
  const other = graph.nodes.find(({ id }) => child.from.includes(id) && id !== node.id);
  const why = {
    multiply: () => say(`乘法的局部斜率是另一个因数 ${other.name} = ${format(values[other.id])}`, `the local slope of a product is the other factor, ${other.name} = ${format(values[other.id])}`),
    add: () => say("加法的局部斜率是 1，责任原样通过", "the local slope of a sum is 1, the blame passes unchanged"),
    activate: () => say(`激活函数在 ${node.name} = ${format(values[node.id])} 处的斜率是 ${format(incoming[0].slope)}`, `the slope of the activation at ${node.name} = ${format(values[node.id])} is ${format(incoming[0].slope)}`),
    layer: () => say(`这一层的局部斜率是 ${format(incoming[0].slope)}`, `the local slope of this layer is ${format(incoming[0].slope)}`),
    square: () => say(`平方的局部斜率是两倍的差`, `the local slope of a square is twice the difference`),
  }[child.op]();
  return `${result}${say("。上游 × 局部斜率；", ". Upstream × local slope; ")}${why}${say("。", ".")}`;
}
