/** A copy button on every block of code. Its label comes from the page (`<body data-text-copy data-text-copied>`). */
export function startCopyButtons(root) {
  if (!navigator.clipboard) return; // only offered in secure contexts
  const { textCopy, textCopied } = document.body.dataset;
  for (const block of root.querySelectorAll(".code:not(:has(.copy-button))")) {
    const pre = block.querySelector("pre");
    pre.tabIndex = 0; // a wide block scrolls; this makes it scrollable by keyboard
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy-button";
    button.textContent = textCopy;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(pre.innerText.replace(/\n$/, ""));
      button.textContent = textCopied;
      setTimeout(() => { button.textContent = textCopy; }, 1500);
    });
    block.append(button);
  }
}
