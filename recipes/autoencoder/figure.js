/** The same validation pictures, drawn again after each epoch, as they come. */
export default function start(element, { epochs, words, onEpoch }) {
  const list = element.querySelector("[data-epochs]");
  const shown = new Set(epochs.map(({ epoch }) => epoch));

  function append(title, picture) {
    const row = document.createElement("li"), name = document.createElement("span"), image = new Image(168, 28);
    name.textContent = title;
    image.alt = "";
    image.src = `data:image/png;base64,${picture}`;
    row.append(name, " ", image);
    list.append(row);
  }

  onEpoch(({ originals, drawn }, epoch) => {
    if (shown.has(epoch)) return;
    if (!shown.size) {
      element.querySelector("[data-empty]")?.remove();
      append(words.originals, originals);
    }
    shown.add(epoch);
    append(words.after.replace("{epoch}", epoch), drawn);
  });
}
