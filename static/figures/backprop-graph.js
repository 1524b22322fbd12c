/**
 * A computation graph that the reader walks through: values forwards, gradients backwards, one node per step.
 *
 * Three graphs: one neuron, a fork (one value used twice), and a chain of eight layers. A graph is a list of nodes
 * in the order in which they are computed; a node without `op` is given. The gradient of a node is the sum of the
 * messages on its outgoing edges, a message being the gradient of the child times the local slope of the edge.
 */
import { Figure, define, el, svg } from "../js/figure.js";
import { drawBars, drawEdges, drawNodes } from "./backprop-graph/drawing.js";
import { activations, backward, descend, format, forward, graphs, guesses, plan, shrinkage } from "./backprop-graph/graph.js";
import { blame, formula } from "./backprop-graph/words.js";

export * from "./backprop-graph/graph.js";

const RATE = 0.05;

class BackpropGraph extends Figure {
  static defaults = { graph: "neuron", step: 0, ...graphs.neuron.preset, u: 1.5, v: 0.5 };

  get graph() { return graphs[this.state.graph] ?? graphs.neuron; }

  update(changes) {
    const changed = changes.graph && changes.graph !== this.state.graph;
    super.update(changed ? { step: 0, ...graphs[changes.graph]?.preset, ...changes } : changes);
  }

  render() {
    this.sentence = this.stage.appendChild(el("p", { class: "figure-sentence" }));
    Object.assign(this.sentence.style, { margin: "0 0 0.5em", minHeight: "3.6em" });
    this.picture = this.stage.appendChild(svg("svg", { role: "img" }));
    this.activation = this.choice("activation", {
      label: this.say("激活函数", "Activation"), choices: Object.entries(activations).map(([key, { label }]) => [key, label]),
    });
    this.sliders = Object.fromEntries(["x", "w", "u", "v", "b", "y"].map((key) => {
      return [key, this.slider(key, { label: { u: "w₂", v: "w₃" }[key] ?? key, min: -3, max: 3, step: 0.1, format })];
    }));
    const graph = this.choice("graph", { label: this.say("计算图", "Graph"), choices: Object.entries(graphs).map(([key, { label }]) => [key, label[this.language]]) });
    const rows = [this.#walk(), this.#quiz(), graph, this.activation, el("div", { class: "figure-controls" }, ...Object.values(this.sliders))];
    for (const row of rows) row.style.flexBasis = row === this.activation || row === graph ? "" : "100%";
    this.controls.append(...rows);
    this.addEventListener("figure-reset", () => { this.verdict = this.learned = null; });
  }

  #walk() {
    const go = (step) => this.update({ step: Math.max(0, Math.min(plan(this.graph).length, step)) });
    this.back = this.button(this.say("上一步", "Back"), () => go(this.#now().made - 1));
    this.next = this.button(this.say("下一步", "Next step"), () => go(this.#now().made + 1));
    this.toEnd = this.button("", () => go(this.#now().coming?.pass === "forward" ? forwards(this.graph) : Infinity));
    this.learn = this.button(this.say(`用梯度更新参数，η = ${RATE}`, `Update the parameters, η = ${RATE}`), () => this.#learn());
    return el("div", { class: "figure-actions" }, this.back, this.next, this.toEnd, this.learn);
  }

  #quiz() {
    this.question = el("span", {});
    this.answers = [0, 1, 2].map((i) => this.button("", () => this.#answer(i)));
    this.quiz = el("div", { class: "figure-actions", role: "group" }, this.question, ...this.answers);
    return this.quiz;
  }

  /** The walk so far: values, gradients, which of them may be shown, the last step and the next. */
  #now() {
    const graph = this.graph, steps = plan(graph), made = Math.max(0, Math.min(steps.length, Math.round(this.state.step)));
    const values = forward(graph, this.state), { gradients, messages } = backward(graph, this.state, values);
    const reached = (pass) => steps.slice(0, made).filter((step) => step.pass === pass).map(({ id }) => id);
    const given = graph.nodes.filter((node) => !node.op).map(({ id }) => id);
    return {
      graph, steps, made, values, gradients, messages, last: steps[made - 1], coming: steps[made],
      known: new Set([...given, ...reached("forward")]), blamed: new Set(reached("backward")),
    };
  }

  /** What to guess before the next step, or null: { question, labels, right (an index), step (that reveals it) }. */
  #riddle() {
    const { graph, steps, made, coming, messages, gradients, values } = this.#now();
    if (coming?.pass !== "backward" || coming.id === "L") return null;
    if (graph === graphs.deep) {
      const size = shrinkage(gradients.x, gradients.h8);
      return coming.id !== "h8" || size === null ? null : {
        question: this.say("先猜：从 h₈ 传回 x，梯度会怎样？", "Guess first: from h₈ back to x, what becomes of the gradient?"),
        labels: [this.say("缩小千倍以上", "Shrinks over 1,000 times"), this.say("差不多", "About the same"), this.say("放大千倍以上", "Grows over 1,000 times")],
        right: size < 1e-3 ? 0 : size > 1e3 ? 2 : 1, step: steps.length,
      };
    }
    const { name } = graph.nodes.find(({ id }) => id === coming.id);
    const labels = guesses(messages.filter(({ to }) => to === coming.id), gradients[coming.id], values[coming.id]).map(format);
    return {
      question: this.say(`先猜：∂L/∂${name} 是多少？`, `Guess first: what is ∂L/∂${name}?`),
      labels, right: labels.indexOf(format(gradients[coming.id])), step: made + 1,
    };
  }

  #answer(i) {
    const { labels, right, step } = this.#riddle();
    this.verdict = { step, right: i === right, chosen: labels[i], answer: labels[right] };
    this.update({ step });
    if (this.quiz.hidden) (this.next.disabled ? this.learn : this.next).focus();
  }

  #learn() {
    const { graph, values, gradients } = this.#now();
    const changes = descend(graph, this.state, gradients, RATE);
    this.learned = { before: values.L, after: forward(graph, { ...this.state, ...changes }).L };
    this.update({ ...changes, step: forwards(graph) });
    this.next.focus();
  }

  draw() {
    const now = this.#now(), narrow = this.stage.clientWidth < 560;
    const height = now.graph.size[narrow ? 1 : 0], width = narrow ? 360 : 720;
    this.picture.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.picture.setAttribute("aria-label", this.say("计算图：圆是节点，箭头是数的流向", "Computation graph: circles are nodes, arrows show where numbers flow"));
    const sheet = {
      now, narrow, width, height, ink: (token) => this.colour(token), radius: now.graph === graphs.deep ? 19 : 24,
      place: (id) => now.graph.nodes.find((node) => node.id === id)[narrow ? "narrow" : "wide"],
    };
    this.picture.replaceChildren(...(now.graph === graphs.deep ? drawBars(sheet) : []), ...drawEdges(sheet), ...drawNodes(sheet, this.state));
    this.sentence.textContent = this.#explain(now);
    this.#refresh(now);
  }

  #refresh({ graph, made, steps, coming }) {
    const focused = document.activeElement;
    const show = (element, shown) => { element.hidden = !shown; element.style.display = shown ? "" : "none"; };
    for (const [key, slider] of Object.entries(this.sliders)) show(slider, graph.sliders.includes(key));
    this.sliders.w.firstChild.textContent = graph === graphs.fork ? "w₁" : "w";
    show(this.activation, graph.activation === true);
    this.back.disabled = made === 0;
    this.next.disabled = this.toEnd.disabled = made === steps.length;
    this.toEnd.textContent = coming?.pass === "forward" ? this.say("前向到底", "Finish forwards") : this.say("反向到底", "Finish backwards");
    show(this.learn, made === steps.length && graph.parameters.length > 0);
    this.#keepFocus(focused);
    const riddle = this.#riddle();
    show(this.quiz, riddle !== null);
    if (riddle === null) return;
    this.question.textContent = riddle.question;
    this.answers.forEach((button, i) => { button.textContent = riddle.labels[i]; });
  }

  /** A button that is being disabled must not lose the keyboard focus. */
  #keepFocus(focused) {
    if (this.back.disabled && focused === this.back) this.next.focus();
    if (this.next.disabled && (focused === this.next || focused === this.toEnd)) (this.learn.hidden ? this.back : this.learn).focus();
  }

  #explain(now) {
    const { made, last, graph, values } = now, say = (zh, en) => this.say(zh, en);
    if (made === 0) return say("按“下一步”，从输入开始，一个一个算出每个值。", "Press “Next step”: beginning with the inputs, the values are computed one by one.");
    const node = graph.nodes.find(({ id }) => id === last.id);
    if (last.pass === "forward") {
      const drop = node.id === "L" && this.learned?.after === values.L
        ? say(`。参数更新前，损失是 ${format(this.learned.before)}。`, `. Before the update the loss was ${format(this.learned.before)}.`) : "";
      return `${say("前向：", "Forwards: ")}${formula(node, now, this.state)}${drop}`;
    }
    return this.#verdict(made) + blame(node, now, say);
  }

  #verdict(made) {
    if (this.verdict?.step !== made) return "";
    const { right, chosen, answer } = this.verdict;
    return right ? this.say("猜对了。", "Right. ") : this.say(`你猜“${chosen}”，答案是“${answer}”。`, `You said “${chosen}”; it is “${answer}”. `);
  }

  describe() {
    const now = this.#now(), { graph, made, steps, values, gradients } = now;
    const progress = this.say(`第 ${made} 步，共 ${steps.length} 步。`, `Step ${made} of ${steps.length}. `);
    const list = (numbers, prefix) => graph.nodes.filter(({ constant }) => !(constant && prefix))
      .map(({ id, name }) => `${prefix}${name} = ${format(numbers[id])}`).join(this.say("，", ", "));
    if (made === steps.length) return this.say(`${progress}${this.#verdict(made)}反向走完了：${list(gradients, "∂L/∂")}。`, `${progress}${this.#verdict(made)}The backward pass is done: ${list(gradients, "∂L/∂")}.`);
    if (made === forwards(graph)) return this.say(`${progress}前向走完了：${list(values, "")}。`, `${progress}The forward pass is done: ${list(values, "")}.`);
    if (made === 0) return progress;
    const { name, id } = graph.nodes.find((node) => node.id === now.last.id);
    return progress + this.#verdict(made) + (now.last.pass === "forward"
      ? this.say(`前向走到 ${name} = ${format(values[id])}。`, `Forwards as far as ${name} = ${format(values[id])}.`)
      : this.say(`反向走到 ∂L/∂${name} = ${format(gradients[id])}。`, `Backwards as far as ∂L/∂${name} = ${format(gradients[id])}.`));
  }
}

function forwards(graph) {
  return plan(graph).filter(({ pass }) => pass === "forward").length;
}

define("backprop-graph", BackpropGraph);
