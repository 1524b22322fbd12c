/**
 * A recipe's own figure or try-out: the module in its folder gets the element and its data.
 * `export default function start(element, { data, epochs, words, loadModel, loadJson, loadTokenizer, onEpoch, NewestWins })`, see recipes/README.md.
 */
import { NewestWins } from "./newest-wins.js";

export async function startOwnPart(element) {
  const [data, words, epochs] = ["data", "words", "epochs"].map((name) => JSON.parse(element.querySelector(`:scope > script[data-own=${name}]`)?.textContent ?? "[]"));
  if (!element.dataset.module) return;
  const { default: start } = await import(new URL(element.dataset.module, location.href));
  /** The address of a file beside the model. */
  const beside = (name) => element.dataset.model.replace(/[^/]+$/, name);
  const loadJson = async (name) => {
    const answer = await fetch(beside(name));
    if (!answer.ok) throw new Error(`${answer.url} answered ${answer.status}`);
    return answer.json();
  };
  start(element, {
    /** `new NewestWins(element, answer, fail)`, `.ask()`: never two answers at once, and the newest counts (newest-wins.js). */
    NewestWins,
    data,
    /** A figure's epochs so far, each { epoch, data }. */
    epochs,
    words,
    /** The trained model in this browser; its `predict` takes a Float32Array and resolves to one, `predictAll` to one for each output. Or a part of it by its name. */
    loadModel: async (part) => (await import("./tflite-model.js")).loadModel(part ? beside(`${part}.tflite`) : element.dataset.model),
    loadJson,
    /** What made numbers of the texts, from tokenizer.json: `encode(text)`, `spans(text)`, `marked(text, weights)`. */
    loadTokenizer: async () => (await import("./tokenizer.js")).tokenizer(await loadJson("tokenizer.json")),
    /** Calls `show(data, epoch)` after each epoch, with what `extra_of_epoch` returns under "own". */
    onEpoch: (show) => element.closest("[data-job]")?.addEventListener("jobepoch", ({ detail }) => {
      if (detail.extra?.own) show(detail.extra.own, detail.epoch);
    }),
  });
}
