/** Type a review, see what one's own network makes of it at every letter, and which of its words weighed. */
export default function start(element, { words, loadModel, loadTokenizer, NewestWins }) {
  const field = element.querySelector("textarea");
  const verdict = element.querySelector("[data-verdict]");
  const weighed = element.querySelector("[data-weighed]");
  const rows = [...element.querySelectorAll(".bars li")];
  const judging = new NewestWins(element, async () => { if (model) await answer(field.value); }, fail);
  let model = null, tokenizer = null;

  async function answer(text) {
    const encoded = tokenizer.encode(text);
    const count = encoded.filter((number) => number > 0).length;
    weighed.replaceChildren(text);
    if (count === 0) return showNothing();
    const probabilities = await model.predict(encoded);
    const best = showBars(probabilities);
    const weights = [];
    for (let place = 0; place < count; place += 1) {
      if (judging.isStale) return; // something else was typed meanwhile
      const without = await model.predict(leftOut(encoded, place));
      weights.push(probabilities[best] - without[best]);
    }
    weighed.replaceChildren(...tokenizer.marked(text, weights));
  }

  function leftOut(encoded, place) {
    const shorter = Float32Array.from(encoded);
    shorter.copyWithin(place, place + 1);
    shorter[shorter.length - 1] = 0;
    return shorter;
  }

  function showBars(probabilities) {
    const best = probabilities.indexOf(Math.max(...probabilities));
    if (best < 0) throw new Error("The network answers with no numbers.");
    rows.forEach((row, index) => {
      row.querySelector("i").style.transform = `scaleX(${probabilities[index]})`;
      row.querySelector("output").textContent = percent(probabilities[index]);
      row.toggleAttribute("data-best", index === best);
    });
    const label = rows[best].querySelector("b").textContent;
    verdict.textContent = words.verdict.replace("{label}", label).replace("{percent}", percent(probabilities[best]));
    return best;
  }

  function showNothing() {
    for (const row of rows) {
      row.querySelector("i").style.transform = "";
      row.querySelector("output").textContent = "";
      row.removeAttribute("data-best");
    }
    verdict.textContent = words.ready;
  }

  function percent(share) { return `${(100 * share).toFixed(1)}%`; }

  function fail(error) {
    console.error(error);
    model = null;
    verdict.textContent = words.failed;
  }

  field.addEventListener("input", () => judging.ask());
  for (const button of element.querySelectorAll("[data-sample]")) {
    button.addEventListener("click", () => {
      field.value = button.textContent;
      judging.ask();
    });
  }

  // The runtime is several megabytes: it is loaded when the try-out comes into view.
  new IntersectionObserver((entries, observer) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    observer.disconnect();
    Promise.all([loadModel(), loadTokenizer()]).then((loaded) => {
      [model, tokenizer] = loaded;
      verdict.textContent = words.ready;
      element.dataset.ready = "";
      judging.ask();
    }, fail);
  }).observe(element);
}
