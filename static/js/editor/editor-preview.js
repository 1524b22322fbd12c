/** The server's rendering beside the text, a moment after every change, with the course check's findings below. */
const QUIET_MS = 500;

export function startPreview(page, texts, reveal) {
  const target = page.querySelector("[data-preview]");
  const scroller = target.parentElement;
  const note = page.querySelector("[data-preview-note]");
  const faultList = page.querySelector("[data-faults]");
  let language = page.dataset.language;
  let timer = 0;
  let running = null;
  let shown = [];

  const render = async () => {
    running?.abort();
    running = new AbortController();
    const sources = Object.fromEntries([...texts].map(([name, text]) => [name, text.value]));
    try {
      const answer = await fetch(`${page.dataset.address}/rendering`, {
        method: "POST",
        signal: running.signal,
        headers: { "Content-Type": "application/json", Accept: "application/json" },
        body: JSON.stringify({ language, sources }),
      });
      if (!answer.ok) return;
      const { html, figures, faults } = await answer.json();
      showFaults(faultList, faults, page.dataset, texts, reveal);
      for (const text of texts.values()) text.showFaults(faults.filter(({ file }) => file === text.name));
      count(page.querySelector("[data-fault-count]"), faults.filter(({ is_gap }) => !is_gap).length);
      note.textContent = html === null ? page.dataset.textBroken : "";
      if (html === null) return;
      target.lang = language === "en" ? "en" : "zh-Hans";
      shown = patch(target, shown, html);
      for (const address of figures) import(address);
    } catch (error) {
      if (error.name !== "AbortError") note.textContent = page.dataset.textRetry;
    }
  };
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(render, QUIET_MS);
  };

  for (const text of texts.values()) {
    const { onChange } = text;
    text.onChange = () => { onChange(); soon(); };
    if (!text.name.endsWith(".md")) continue;
    text.onCursor = (update) => {
      const own = text.name.slice(0, 2);
      if (update.view.hasFocus && own !== language) {
        language = own;
        soon();
      } else if (update.selectionSet && own === language) follow(scroller, target, update.view);
    };
  }
  target.addEventListener("submit", (event) => event.preventDefault(), { capture: true });
  render();
}

/** Replace only the changed blocks, so that the rest does not flicker and figures keep their state. */
function patch(target, before, html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  const blocks = [...template.content.children];
  const after = blocks.map((block) => block.outerHTML);
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let tail = 0;
  while (tail < before.length - start && tail < after.length - start && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  const old = [...target.children];
  const next = old[old.length - tail] ?? null;
  for (const block of old.slice(start, old.length - tail)) block.remove();
  const fresh = blocks.slice(start, blocks.length - tail);
  for (const block of fresh) {
    target.insertBefore(block, next);
    block.dispatchEvent(new CustomEvent("contentchange", { bubbles: true }));
  }
  return after;
}

/** Scroll the preview to the section being edited: the heading above the cursor, by its number. */
function follow(scroller, target, view) {
  const above = view.state.doc.sliceString(0, view.state.selection.main.head).replace(/^```[\s\S]*?^```/gm, "");
  const number = (above.match(/^#{2,6} /gm) ?? []).length;
  const heading = number ? [...target.querySelectorAll(":is(h2, h3, h4, h5, h6)[id]")][number - 1] : target.firstElementChild;
  if (!heading) return;
  const top = heading.getBoundingClientRect().top - scroller.getBoundingClientRect().top;
  const bottom = scroller.clientHeight;
  if (scroller.dataset.heading === String(number) && top > -scroller.scrollHeight) return;
  scroller.dataset.heading = String(number);
  if (top < 0 || top > bottom * 0.6) scroller.scrollTop += top - 16;
}

function count(link, number) {
  link.hidden = !number;
  link.textContent = link.dataset.text.replace("{count}", number);
}

function showFaults(container, faults, words, texts, reveal) {
  const list = document.createElement("ol");
  list.className = "fault-list";
  for (const { file, line, message, is_gap } of faults) {
    const item = document.createElement("li");
    item.toggleAttribute("data-gap", is_gap);
    const place = document.createElement(texts.has(file) ? "button" : "code");
    place.textContent = line ? `${file}, ${words.textLine.replace("{line}", line)}` : file;
    if (texts.has(file)) {
      place.type = "button";
      place.className = "link-button";
      place.addEventListener("click", () => {
        reveal(file);
        texts.get(file).goTo(line || 1);
      });
    }
    item.append(place, ` ${message}`);
    list.append(item);
  }
  const calm = document.createElement("p");
  calm.className = "muted";
  calm.textContent = words.textNoFaults;
  const fresh = faults.length ? list : calm;
  if (container.textContent.trim() !== fresh.textContent.trim() || container.querySelector("code")) container.replaceChildren(fresh);
}
