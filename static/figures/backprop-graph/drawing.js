/** The picture: nodes, arrows for values and for blame, and bars for the gradients of the chain. */
import { svg } from "../../js/figure.js";
import { activations, format, graphs, operations } from "./graph.js";

function text(x, y, content, { anchor = "middle", size = 16, fill = "currentColor", weight = 400 } = {}) {
  return svg("text", { x, y, "text-anchor": anchor, "font-size": size, fill, "font-weight": weight }, content);
}

export function drawNodes({ now, narrow, ink, place, radius }, { activation }) {
  const { graph, known, blamed, values, gradients, last } = now;
  return graph.nodes.flatMap((node) => {
    const [x, y] = place(node.id), current = last?.id === node.id;
    const stroke = current ? ink(last.pass === "forward" ? "series-1" : "series-2") : ink(known.has(node.id) ? "ink" : "line-strong");
    const sign = node.op === "activate" ? activations[activation].label : operations[node.op]?.sign ?? node.name;
    const named = sign === node.name || graph === graphs.deep;
    const value = known.has(node.id) ? `${named ? "" : `${node.name} = `}${format(values[node.id])}` : named ? "" : node.name;
    return [
      svg("circle", { cx: x, cy: y, r: radius, fill: ink(node.op ? "paper-raised" : "leaf-wash"), stroke, "stroke-width": current ? 4 : 1.5 }),
      text(x, y + 6, graph === graphs.deep ? node.name : sign, { size: sign.length > 4 ? 12 : 17 }),
      ...drawNumbers(node.at[narrow ? 1 : 0], [x, y], value, blamed.has(node.id) ? format(gradients[node.id]) : "", { ink, radius }),
    ];
  });
}

/** The value (blue) and the gradient (orange) of a node, placed around it as `at` says. */
function drawNumbers(at, [x, y], value, gradient, { ink, radius }) {
  const side = radius + 8;
  const [anchor, valueAt, gradientAt] = {
    split: ["middle", [x, y - radius - 9], [x, y + radius + 20]],
    above: ["middle", [x, y - radius - 29], [x, y - radius - 9]],
    right: ["start", [x + side, y - 4], [x + side, y + 17]],
    left: ["end", [x - side, y - 4], [x - side, y + 17]],
    row: ["start", [x + side, y + 6], [x + side + 76, y + 6]],
  }[at];
  return [
    text(...valueAt, value, { anchor, fill: ink("series-1") }),
    text(...gradientAt, gradient, { anchor, fill: ink("series-2"), weight: 700, size: gradient.length > 5 ? 14 : 16 }),
  ];
}

/** Blue arrows where values have flowed, orange ones beside them where gradients have flowed back; the slope on the newest. */
export function drawEdges({ now, ink, place, radius }) {
  const { graph, messages, known, blamed, last } = now;
  return graph.nodes.filter((node) => node.op).flatMap((node) => node.from.flatMap((id) => {
    const from = place(id), to = place(node.id), back = blamed.has(id);
    const parts = [arrow(from, to, { stroke: ink(known.has(node.id) ? "series-1" : "line-strong"), aside: back ? 5 : 0, radius, width: known.has(node.id) ? 2 : 1 })];
    if (!back) return parts;
    const message = messages.find((each) => each.from === node.id && each.to === id);
    const width = message.value === 0 ? 0.8 : Math.max(0.8, Math.min(6, 2.5 + Math.log2(Math.abs(message.value)) / 2));
    parts.push(arrow(to, from, { stroke: ink("series-2"), aside: 5, radius, width }));
    if (last.pass === "backward" && last.id === id && graph !== graphs.deep) parts.push(slope(from, to, message.slope, ink));
    return parts;
  }));
}

/** The local slope, in the middle of an arrow, on the side of the orange one. */
function slope([x1, y1], [x2, y2], value, ink) {
  const length = Math.hypot(x2 - x1, y2 - y1), aside = 22;
  const [x, y] = [(x1 + x2) / 2 + ((y2 - y1) / length) * aside * 1.4, (y1 + y2) / 2 - ((x2 - x1) / length) * aside];
  return text(x, y + 6, `× ${format(value)}`, { fill: ink("series-2"), weight: 700 });
}

/** An arrow from rim to rim, offset by `aside` units to the left of its direction. */
function arrow([x1, y1], [x2, y2], { stroke, aside, radius, width }) {
  const length = Math.hypot(x2 - x1, y2 - y1), [ux, uy] = [(x2 - x1) / length, (y2 - y1) / length];
  const point = (along, across) => `${(x1 + ux * along - uy * (across + aside)).toFixed(1)} ${(y1 + uy * along + ux * (across + aside)).toFixed(1)}`;
  const end = length - radius - 4, head = Math.min(5 + width, end - radius - 4);
  return svg("path", {
    d: `M${point(radius + 3, 0)}L${point(end, 0)}M${point(end - head, head / 2)}L${point(end, 0)}L${point(end - head, -head / 2)}`,
    fill: "none", stroke, "stroke-width": width, "stroke-linecap": "round", "stroke-linejoin": "round",
  });
}

/** The gradients of the chain as bars on a logarithmic scale: one mark for every factor of 100. */
export function drawBars({ now, narrow, width, height, ink, place }) {
  const { graph, blamed, gradients } = now;
  const low = -8, high = 4, [near, far] = narrow ? [224, 350] : [height - 14, 150];
  const at = (power) => near + ((Math.max(low, Math.min(high, power)) - low) / (high - low)) * (far - near);
  const parts = [];
  for (const [power, label] of [[-8, ""], [-6, "10⁻⁶"], [-4, "10⁻⁴"], [-2, "0.01"], [0, "1"], [2, "100"], [4, ""]]) {
    const along = at(power), ends = narrow ? { x1: along, x2: along, y1: 24, y2: height - 26 } : { y1: along, y2: along, x1: 58, x2: width - 6 };
    parts.push(svg("line", { ...ends, stroke: ink("line"), "stroke-width": power === 0 ? 2 : 1 }));
    if (!narrow || power === 0 || power === -4) parts.push(narrow ? text(along, height - 8, label, { size: 13, fill: ink("ink-soft") }) : text(50, along + 5, label, { size: 13, anchor: "end", fill: ink("ink-soft") }));
  }
  for (const node of graph.nodes) {
    const size = Math.abs(gradients[node.id]), [x, y] = place(node.id);
    if (!blamed.has(node.id) || size === 0) continue;
    const top = at(Math.log10(size));
    parts.push(svg("rect", { ...(narrow ? { x: near, y: y - 9, width: Math.max(1, top - near), height: 18 } : { x: x - 17, y: top, width: 34, height: Math.max(1, near - top) }), fill: ink("series-2"), opacity: 0.75 }));
  }
  return parts;
}
