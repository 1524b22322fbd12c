/**
 * An ordering question. Without JavaScript each item has a select with its position; with it, items move by buttons
 * (and so by keyboard), and the hidden selects are kept in sync for the form.
 */
export function startOrderQuestion(list) {
  const { textUp, textDown } = list.dataset;
  for (const item of list.children) {
    item.querySelector("select").hidden = true;
    item.append(mover(list, item, -1, "↑", textUp), mover(list, item, 1, "↓", textDown));
  }
  renumber(list);
}

function mover(list, item, direction, sign, label) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = sign;
  button.setAttribute("aria-label", `${label}: ${item.querySelector(".order-text").textContent.trim()}`);
  button.addEventListener("click", () => {
    const other = direction < 0 ? item.previousElementSibling : item.nextElementSibling;
    if (!other) return;
    if (direction < 0) other.before(item);
    else other.after(item);
    renumber(list);
    button.focus();
  });
  return button;
}

function renumber(list) {
  [...list.children].forEach((item, index) => { item.querySelector("select").value = String(index + 1); });
}
