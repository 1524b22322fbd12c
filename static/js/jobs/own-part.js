/**
 * A recipe's own figure or try-out: the module in its folder gets the element and its data.
 * `export default function start(element, { data, words, loadModel, loadTokenizer, onEpoch })`, see recipes/README.md.
 */
export async function startOwnPart(element) {
  const [data, words] = ["data", "words"].map((name) => JSON.parse(element.querySelector(`:scope > script[data-own=${name}]`).textContent));
  if (!element.dataset.module) return;
  const { default: start } = await import(new URL(element.dataset.module, location.href));
  start(element, {
    data,
    words,
    /** The trained model in this browser; its `predict` takes a Float32Array and resolves to one. */
    loadModel: async () => (await import("./tflite-model.js")).loadModel(element.dataset.model),
    /** What made numbers of the texts, from tokenizer.json beside the model: `encode(text)`, `spans(text)`, `marked(text, weights)`. */
    loadTokenizer: async () => (await import("./tokenizer.js")).loadTokenizer(element.dataset.model.replace(/[^/]*$/, "tokenizer.json")),
    /** Calls `show(data, epoch)` after each epoch, with what `extra_of_epoch` returns under "own". */
    onEpoch: (show) => document.addEventListener("jobepoch", ({ detail }) => {
      if (detail.extra?.own) show(detail.extra.own, detail.epoch);
    }),
  });
}
