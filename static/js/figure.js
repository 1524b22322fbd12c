/**
 * The base of every interactive figure: a custom element with a stage, controls and a text alternative.
 *
 * A figure keeps its whole state in `this.state`, a flat object of numbers, strings and booleans that starts as
 * `static defaults`. `update(changes)` merges, redraws, refreshes the text alternative and writes what differs from
 * the defaults into the page's fragment (`#fig-conv-kernel=size:5,stride:2`), so that a lesson or a comment can
 * link to a state. `render()` builds the controls once; `draw()` paints `this.state`; `describe()` returns one
 * sentence that describes the current picture.
 */
const Base = globalThis.HTMLElement ?? class {};

const ANNOUNCE_AFTER_MS = 400;

const words = {
  zh: { reset: "重来", link: "复制此状态的链接", copied: "已复制" },
  en: { reset: "Reset", link: "Copy a link to this state", copied: "Copied" },
};

/** A part of an address as it was before it was encoded; as it is if nobody encodes so. */
function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export class Figure extends Base {
  static defaults = {};

  connectedCallback() {
    if (this.state) return;
    this.language = this.closest("[lang]")?.lang.startsWith("en") ? "en" : "zh";
    this.name = this.localName.replace(/^figure-/, "");
    this.state = { ...this.constructor.defaults, ...this.#stateFromUrl() };
    this.replaceChildren();
    this.stage = this.appendChild(el("div", { class: "figure-stage" }));
    this.controls = this.appendChild(el("div", { class: "figure-controls" }));
    this.alternative = this.appendChild(el("p", { class: "figure-alternative" }));
    this.announcer = this.appendChild(el("p", { class: "visually-hidden", role: "status", "aria-live": "polite" }));
    this.render();
    const row = this.appendChild(el("div", { class: "figure-actions" }));
    row.append(
      el("button", { type: "button", class: "button button-quiet", onclick: () => this.reset() }, words[this.language].reset),
      el("button", { type: "button", class: "button button-quiet", onclick: (event) => this.#copyLink(event.target) }, words[this.language].link),
    );
    this.#paint();
    if (location.hash.startsWith(this.#ownHash)) this.scrollIntoView({ block: "center" });
    this.redraw = () => this.draw();
    new ResizeObserver(this.redraw).observe(this.stage);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", this.redraw);
    document.addEventListener("themechange", this.redraw);
    addEventListener("hashchange", () => {
      const linked = this.#stateFromUrl();
      if (Object.keys(linked).length) this.update({ ...this.constructor.defaults, ...linked });
    });
  }

  /** Build controls in `this.controls` and canvases or SVG in `this.stage`. Called once. */
  render() {}
  /** Paint `this.state`. Called after every update, resize and change of theme. */
  draw() {}
  /** One sentence in `this.language` that describes the current picture. */
  describe() { return ""; }

  update(changes) {
    Object.assign(this.state, changes);
    this.#paint();
    this.#announce();
    this.#stateToUrl();
  }

  reset() {
    this.state = { ...this.constructor.defaults };
    this.dispatchEvent(new CustomEvent("figure-reset"));
    this.#paint();
    this.#announce();
    this.#stateToUrl();
  }

  /** The one of two texts in the page's language. */
  say(zh, en) { return this.language === "en" ? en : zh; }

  /** The current value of a colour from tokens.css: `this.colour("series-1")`. */
  colour(token) {
    this.probe ??= this.appendChild(el("span", { hidden: "" }));
    this.probe.style.color = `var(--${token})`;
    return getComputedStyle(this.probe).color;
  }

  /** A canvas in the stage, `ratio` = height / width; returns () => ({context, width, height}) in CSS pixels, sharp on every screen. */
  canvas(ratio, label) {
    const canvas = this.stage.appendChild(el("canvas", { role: "img", "aria-label": label }));
    const sized = () => {
      const width = Math.max(200, this.stage.clientWidth), height = Math.round(width * ratio);
      const scale = devicePixelRatio || 1;
      if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
        canvas.width = Math.round(width * scale);
        canvas.height = Math.round(height * scale);
        canvas.style.width = "100%";
        canvas.style.aspectRatio = `${width} / ${height}`;
      }
      const context = canvas.getContext("2d");
      context.setTransform(scale, 0, 0, scale, 0, 0);
      context.clearRect(0, 0, width, height);
      return { context, width, height };
    };
    sized.element = canvas;
    return sized;
  }

  /** A labelled slider bound to a number of the state; works by keyboard, shows its value. */
  slider(key, { label, min, max, step, format = String }) {
    const output = el("output", { "aria-live": "off" }); // the slider itself announces its value
    const input = el("input", { type: "range", min, max, step, value: this.state[key], oninput: () => this.update({ [key]: Number(input.value) }) });
    this.#bind(() => { input.value = this.state[key]; output.textContent = format(this.state[key]); });
    return el("label", { class: "figure-slider" }, el("span", {}, label), input, output);
  }

  /** A group of radio buttons bound to a string of the state; `choices` are [value, label]. */
  choice(key, { label, choices }) {
    const group = el("fieldset", { class: "figure-choice" }, el("legend", {}, label));
    for (const [value, text] of choices) {
      const input = el("input", { type: "radio", name: `${this.name}-${key}`, value, onchange: () => this.update({ [key]: value }) });
      this.#bind(() => { input.checked = this.state[key] === value; });
      group.append(el("label", {}, input, el("span", {}, text)));
    }
    return group;
  }

  /** A drawing that is dragged from side to side: `move(event)` says where to, as the slider `input()` does for the keys. */
  dragged(input, move) {
    const root = this.stage.appendChild(svg("svg", { role: "img" }));
    root.style.cssText = "display:block;width:100%;touch-action:pan-y;cursor:ew-resize";
    root.addEventListener("mousedown", (event) => event.preventDefault()); // otherwise the press takes the focus from the slider
    root.addEventListener("pointerdown", (event) => {
      root.setPointerCapture(event.pointerId);
      input().focus({ preventScroll: true });
      move(event);
    });
    root.addEventListener("pointermove", (event) => { if (root.hasPointerCapture(event.pointerId)) move(event); });
    return root;
  }

  /** A plain button. */
  button(label, onclick) { return el("button", { type: "button", class: "button", onclick }, label); }

  #bindings = [];
  #bind(refresh) { this.#bindings.push(refresh); }

  #paint() {
    for (const refresh of this.#bindings) refresh();
    this.draw();
    const text = this.describe();
    if (this.alternative.textContent !== text) this.alternative.textContent = text;
  }

  // A slider changes many times a second; a screen reader should get only the last sentence, and only once.
  #announce() {
    clearTimeout(this.announceTimer);
    this.announcer.textContent = "";
    this.announceTimer = setTimeout(() => { this.announcer.textContent = this.alternative.textContent; }, ANNOUNCE_AFTER_MS);
  }

  get #ownHash() { return `#fig-${this.name}=`; }

  #stateFromUrl() {
    const match = location.hash.match(new RegExp(`^#fig-${this.name}=(.*)$`));
    if (!match) return {};
    const state = {};
    for (const pair of match[1].split(",")) {
      const [key, value] = pair.split(":").map(decoded);
      const standard = this.constructor.defaults[key];
      if (typeof standard === "number" && Number.isFinite(Number(value))) state[key] = Number(value);
      else if (typeof standard === "boolean") state[key] = value === "true";
      else if (typeof standard === "string" && value !== undefined) state[key] = value;
    }
    return state;
  }

  fragment() {
    const defaults = this.constructor.defaults;
    const changed = Object.keys(defaults).filter((key) => this.state[key] !== defaults[key]);
    return `${this.#ownHash}${changed.map((key) => `${key}:${encodeURIComponent(this.state[key])}`).join(",")}`;
  }

  #stateToUrl() {
    clearTimeout(this.urlTimer);
    this.urlTimer = setTimeout(() => {
      const fragment = this.fragment();
      if (fragment !== this.#ownHash) history.replaceState(history.state, "", fragment);
      else if (location.hash.startsWith(this.#ownHash)) history.replaceState(history.state, "", location.pathname + location.search);
    }, 300);
  }

  async #copyLink(button) {
    await navigator.clipboard?.writeText(location.href.split("#")[0] + this.fragment());
    button.textContent = words[this.language].copied;
    setTimeout(() => { button.textContent = words[this.language].link; }, 1500);
  }
}

/** An element with attributes (on* are listeners) and children. */
export function el(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** An SVG element with attributes and children. */
export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/** Register `<figure-name>`; does nothing outside a browser (unit tests). */
export function define(name, constructor) {
  globalThis.customElements?.define(`figure-${name}`, constructor);
}
