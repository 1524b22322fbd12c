/** Which of the texts, and the preview, are shown side by side. The choice is stored in this browser. */
const KEY = "sophora-editor-views";

export function startViews(page, texts) {
  const buttons = [...page.querySelectorAll("[data-view]")];
  const panes = page.querySelector("[data-panes]");
  const known = buttons.map((button) => button.dataset.view);

  const show = (names) => {
    for (const button of buttons) button.setAttribute("aria-pressed", String(names.includes(button.dataset.view)));
    for (const pane of panes.querySelectorAll("[data-pane]")) pane.hidden = !names.includes(pane.dataset.pane);
    panes.dataset.count = String(names.length);
    for (const name of names) texts.get(name)?.view.requestMeasure();
  };
  let names = remembered(known) ?? usual(page.dataset.language);
  show(names);

  page.querySelector(".view-switch").addEventListener("click", (event) => {
    const name = event.target.closest("[data-view]")?.dataset.view;
    if (!name) return;
    const isNarrow = matchMedia("(max-width: 55.99rem)").matches;
    const chosen = names.includes(name) && !isNarrow ? names.filter((other) => other !== name) : isNarrow ? [name] : [...names, name];
    if (!chosen.length) return;
    names = known.filter((other) => chosen.includes(other));
    show(names);
    localStorage.setItem(KEY, JSON.stringify(names));
  });
}

function remembered(known) {
  try {
    const names = JSON.parse(localStorage.getItem(KEY) ?? "").filter((name) => known.includes(name));
    return names.length && innerWidth >= 900 ? names : null;
  } catch {
    return null;
  }
}

/** Both languages and the preview if there is room for three; otherwise one language and the preview; otherwise the text. */
function usual(language) {
  const own = language === "en" ? "en.md" : "zh.md";
  if (innerWidth >= 1500) return ["zh.md", "en.md", "preview"];
  return innerWidth >= 900 ? [own, "preview"] : [own];
}
