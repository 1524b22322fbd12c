/** The dialog for resolving a conflict between two texts; the merge view is loaded only when needed. */
export function startConflicts(page, draft) {
  const dialog = page.querySelector("[data-conflict]");
  const body = dialog.querySelector("[data-conflict-body]");
  let views = new Map();

  draft.onConflict = async ({ theirs, files }) => {
    if (dialog.open) return;
    const { mergeView } = await import("./editor-merge.js");
    dialog.querySelector("[data-conflict-name]").textContent = theirs.saved_by ?? page.dataset.textSomebody;
    body.replaceChildren();
    views = new Map(files.map((name) => [name, mergeView(body, name, theirs.sources[name], draft.texts.get(name).value)]));
    dialog.showModal();
  };
  page.querySelector("[data-decide]").addEventListener("click", () => draft.onConflict(draft.conflict));
  dialog.addEventListener("click", async (event) => {
    const keep = event.target.closest("[data-keep]")?.dataset.keep;
    if (!keep) return;
    dialog.close();
    if (keep === "later") return;
    const { theirs } = draft.conflict;
    const texts = {};
    for (const [name, view] of views) texts[name] = keep === "mine" ? view.b.state.doc.toString() : theirs.sources[name];
    // Files changed only by them are taken over.
    for (const [name, text] of Object.entries(theirs.sources)) {
      if (!views.has(name) && draft.texts.get(name).value === draft.saved[name]) texts[name] = text;
    }
    await draft.settle(texts);
  });
}
