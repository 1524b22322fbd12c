/** A long comment shows its beginning, and a button for the rest. Except a link's target; without JavaScript everything is
    shown. */
const tallest = 480;
const spared = 160; // folding less than that helps nobody

export function foldLong(root, words) {
  for (const body of root.querySelectorAll(".comment-self > .comment-body")) {
    if (body.nextElementSibling?.matches(".comment-unfold") || body.scrollHeight < tallest + spared) continue;
    if (body.closest(".comment:target, .comment-linked") === body.closest(".comment")) continue;
    fold(body, words);
  }
}

function fold(body, words) {
  body.classList.add("comment-folded");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "link-button comment-unfold";
  button.textContent = words.unfold;
  button.ariaExpanded = "false";
  button.addEventListener("click", () => {
    const isOpen = !body.classList.toggle("comment-folded");
    button.textContent = isOpen ? words.fold : words.unfold;
    button.ariaExpanded = String(isOpen);
    if (!isOpen) body.closest(".comment").scrollIntoView({ block: "nearest" });
  });
  // Keyboard users must see what has the focus.
  body.addEventListener("focusin", () => { if (body.classList.contains("comment-folded")) button.click(); });
  body.after(button);
}
