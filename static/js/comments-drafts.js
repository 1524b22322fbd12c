/** What is typed is kept on the server, for each place its own: it is there again after a reload, on another device too. */
const pause = 1200;

export function keepDrafts(section) {
  const timers = new WeakMap();
  section.addEventListener("input", ({ target }) => {
    const form = target.closest?.("[data-comment-form]");
    if (!form?.dataset.draftPlace || target.name !== "body") return;
    clearTimeout(timers.get(form));
    timers.set(form, setTimeout(() => keep(form), pause));
  });
  // What is sent is no draft any more: the server forgets it with the comment.
  section.addEventListener("submit", ({ target }) => clearTimeout(timers.get(target)), true);
}

async function keep(form) {
  if (!form.isConnected || form.ariaBusy === "true") return;
  const { csrf_token: token, body: text, mentions } = form.elements;
  const body = new URLSearchParams({ csrf_token: token.value, place: form.dataset.draftPlace, body: text.value, mentions: mentions.value });
  const said = form.querySelector("[data-draft-kept]");
  try {
    const answer = await fetch("/board/drafts", { method: "POST", body, headers: { Accept: "application/json" } });
    said.textContent = answer.ok && text.value.trim() ? said.dataset.text : "";
  } catch {
    said.textContent = ""; // it stays in the form; the next change tries again
  }
}
