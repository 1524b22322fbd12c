/** One's own model writes a couplet, character by character: alone, or by one's own choice among the ten most likely. */
const pace = 350; // milliseconds from character to character, so that one can watch

export default function start(element, { words, loadModel, loadJson }) {
  const find = (name) => element.querySelector(`[data-${name}]`);
  const button = (action) => find(`action=${action}`);
  const [opening, verse, status, slider] = ["opening", "verse", "status", "slider"].map(find);
  const choices = [...find("choices").querySelectorAll("button")];
  const numberOf = new Map();
  let model = null, tokens = null, looking = Promise.resolve();
  let text = [], begun = "", next = null, attention = [], form = "characters", writing = false, turns = 0;

  const name = (number) => tokens[form][number];
  const isComplete = () => text.length >= tokens.length;
  const temperature = () => Number(slider.value);
  const percent = (share) => `${(100 * share).toFixed(1)}%`;

  /** The numbers of the opening words; null, and a sentence, if the model does not know one of them. */
  function opened() {
    const typed = [...opening.value.replace(/\s/g, "")];
    const unknown = typed.filter((character) => !numberOf.has(character));
    opening.setAttribute("aria-invalid", unknown.length > 0);
    if (unknown.length) {
      status.textContent = words.unknown.replace("{characters}", unknown.join(""));
      return null;
    }
    return typed.slice(0, tokens.length - 1).map((character) => numberOf.get(character));
  }

  /** The shares of the next character, with the temperature, highest first: [number, share]. */
  function shares() {
    const cooled = temperature() || 0.001;
    const logits = Array.from(next, (probability) => Math.log(Math.max(probability, 1e-30)) / cooled);
    const highest = logits.reduce((a, b) => Math.max(a, b));
    const weights = logits.map((logit) => Math.exp(logit - highest));
    const sum = weights.reduce((a, b) => a + b);
    return weights.map((weight, number) => [number, weight / sum]).sort(([, a], [, b]) => b - a);
  }

  function drawn() {
    let die = Math.random();
    const all = shares();
    return (all.find(([, share]) => (die -= share) < 0) ?? all[0])[0];
  }

  /** One at a time. "data-thinking" says that the newest answer is not there yet. */
  function look() {
    element.dataset.thinking = "";
    looking = looking.then(compute).finally(() => delete element.dataset.thinking);
    return looking;
  }

  /** What may follow the text so far. The places after it hold the number for "begin", which no place before them can see. */
  async function compute() {
    const begin = tokens.characters.length, seen = text.length;
    if (isComplete()) return;
    const input = new Float32Array(tokens.length).fill(begin);
    input.set(text, 1);
    const outputs = await model.predictAll(input);
    const row = (width) => outputs.find(({ shape }) => shape.at(-1) === width).values.subarray(seen * width, (seen + 1) * width);
    next = row(begin);
    attention = [...row(tokens.length).subarray(0, seen + 1)];
  }

  function show() {
    const cells = [words.begin, ...text.map(name)];
    verse.replaceChildren(...Array.from({ length: tokens.length + 1 }, (_, place) => cell(cells[place], attention[place], place)));
    verse.lang = find("choices").lang = form === "traditional" ? "zh-Hant" : "zh-Hans";
    const likely = isComplete() || !next ? [] : shares().slice(0, choices.length);
    choices.forEach((choice, place) => {
      const [number, share] = likely[place] ?? [];
      choice.disabled = number === undefined;
      choice.dataset.number = number ?? "";
      choice.querySelector("b").textContent = number === undefined ? "" : name(number);
      choice.querySelector("output").textContent = number === undefined ? "" : percent(share);
      choice.querySelector("i").style.transform = `scaleX(${share ?? 0})`;
    });
    find("temperature").textContent = temperature().toFixed(1);
    const focused = document.activeElement;
    button("write").disabled = writing;
    button("stop").disabled = !writing;
    button("again").disabled = false;
    // A disabled button does not keep the focus.
    if (focused?.disabled && element.contains(focused)) button(choices.includes(focused) ? "again" : writing ? "stop" : "write").focus();
    button("traditional").setAttribute("aria-pressed", form === "traditional");
  }

  function cell(character, weight, place) {
    const item = document.createElement("li");
    item.textContent = character ?? "";
    item.toggleAttribute("data-begin", place === 0);
    if (weight === undefined) return item;
    const number = document.createElement("small");
    number.textContent = percent(weight);
    item.append(number);
    item.style.setProperty("--weight", weight);
    item.tabIndex = 0;
    return item;
  }

  /** The opening words stand there, and what may follow them. False if the model does not know them all, or something newer began. */
  async function begin() {
    const numbers = opened();
    if (numbers) {
      text = numbers;
      begun = opening.value;
    }
    return (await pause()) && numbers !== null;
  }

  /** Stop, and show what may follow. False if something newer began meanwhile. */
  async function pause() {
    const turn = ++turns;
    await look();
    if (turn !== turns) return false;
    writing = false;
    show();
    if (opening.getAttribute("aria-invalid") !== "true") say();
    return true;
  }

  function say() { status.textContent = text.map(name).join(""); }

  /** From the opening words on, or on from where it stopped. */
  async function write(anew) {
    if ((anew || isComplete() || opening.value !== begun) && !(await begin())) return;
    const turn = ++turns;
    writing = true;
    show();
    while (!isComplete()) {
      text.push(drawn());
      await look();
      if (turn !== turns) return;
      show();
      if (!matchMedia("(prefers-reduced-motion: reduce)").matches) await new Promise((done) => { setTimeout(done, pace); });
      if (turn !== turns) return;
    }
    writing = false;
    show();
    say();
  }

  async function choose({ dataset }) {
    if ("thinking" in element.dataset) return;
    text.push(Number(dataset.number));
    return pause();
  }

  async function load() {
    [model, tokens] = await Promise.all([loadModel(), loadJson("tokenizer.json")]);
    // Opening words may be typed in either form.
    for (const each of [tokens.traditional, tokens.characters]) each.forEach((character, number) => numberOf.set(character, number));
    await begin();
    status.textContent = words.ready;
  }

  function fail(error) {
    console.error(error);
    turns += 1;
    for (const each of element.querySelectorAll("button")) each.disabled = true;
    status.textContent = words.failed;
  }

  const on = (target, event, act) => target.addEventListener(event, (detail) => model && act(detail)?.catch?.(fail));
  on(button("write"), "click", () => write(false));
  on(button("again"), "click", () => write(true));
  on(button("stop"), "click", pause);
  on(button("traditional"), "click", () => {
    form = form === "characters" ? "traditional" : "characters";
    show();
    if (!writing) say();
  });
  on(opening, "keydown", (event) => { if (event.key === "Enter" && !event.isComposing) return write(true); });
  on(opening, "input", (event) => { if (!event.isComposing) return begin(); });
  on(opening, "compositionend", begin);
  on(slider, "input", show);
  for (const choice of choices) on(choice, "click", () => choose(choice));

  // The runtime is several megabytes: it is loaded when the try-out comes into view.
  new IntersectionObserver((entries, observer) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    observer.disconnect();
    load().catch(fail);
  }).observe(element);
}
