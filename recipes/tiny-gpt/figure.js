/** Noise becomes verse: what the model writes after each epoch, always with the same dice; simplified or traditional. */
export default function start(element, { epochs, words, onEpoch }) {
  const list = element.querySelector("[data-epochs]");
  const toggle = element.querySelector("[data-action=traditional]");
  const shown = new Set(epochs.map(({ epoch }) => epoch));
  let form = "simplified";

  function append(title, couplets) {
    const row = document.createElement("li"), name = document.createElement("b"), verses = document.createElement("ul");
    name.textContent = title;
    for (const [simplified, traditional] of couplets) {
      const verse = document.createElement("li");
      Object.assign(verse.dataset, { simplified, traditional });
      verses.append(verse);
    }
    row.append(name, verses);
    list.append(row);
  }

  function show() {
    toggle.setAttribute("aria-pressed", form === "traditional");
    for (const verses of list.querySelectorAll("ul")) verses.lang = form === "traditional" ? "zh-Hant" : "zh-Hans";
    for (const verse of list.querySelectorAll("[data-simplified]")) verse.textContent = verse.dataset[form];
  }

  toggle.addEventListener("click", () => {
    form = form === "traditional" ? "simplified" : "traditional";
    show();
  });
  onEpoch((data, epoch) => {
    if (shown.has(epoch)) return;
    if (!shown.size) {
      element.querySelector("[data-empty]")?.remove();
      append(words.noise, data.noise);
    }
    shown.add(epoch);
    append(words.epoch.replace("{epoch}", epoch), data.verses);
    show();
  });
}
