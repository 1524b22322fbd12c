/** Drafts are stored on the server, per thread or reply: they are restored after a reload, on another device too. */
const pause = 1200;
const leftFor = 10_000;
const signOutWaits = 3000;
const untold = new Map(); // a form with text to be stored -> its timer, or null once it was sent

export function keepDrafts(section) {
  for (const form of section.querySelectorAll("[data-comment-form]")) if (hasDraft(form)) bringBack(form);
  section.addEventListener("input", ({ target }) => {
    if ((target.name === "body" || target.name === "title") && target.form && hasDraft(target.form)) later(target.form);
  });
  // A form redisplayed with an error or a preview.
  section.addEventListener("contentchange", ({ target }) => {
    if (hasDraft(target) && target.elements.body.value) later(target);
  });
  // A sent text is no longer a draft: the server deletes it with the comment. It is one again if the request fails.
  section.addEventListener("submit", ({ target }) => {
    if (!hasDraft(target)) return;
    sessionStorage.removeItem(nameOf(target));
    if (!untold.has(target)) return;
    clearTimeout(untold.get(target));
    untold.set(target, null);
  }, true);
  document.addEventListener("submit", leaveNothingToTheNext);
  addEventListener("pagehide", keepAll);
  document.addEventListener("visibilitychange", () => { if (document.hidden) keepAll(); });
}

/** The page unloads. If it is requested again at once, it is rendered before the server has the draft: this tab keeps a copy. */
function keepAll() {
  for (const form of untold.keys()) {
    const { body, mentions, title } = form.elements;
    if (form.isConnected && form.ariaBusy !== "true") sessionStorage.setItem(nameOf(form), JSON.stringify([Date.now(), body.value, mentions.value, title?.value ?? ""]));
  }
  keepTyped(document);
}

/**
 * A classroom's machine has many users. Before one of them signs out, drafts are sent to the server and cleared from the
 * page, so that the back button shows them to nobody else.
 */
async function leaveNothingToTheNext(event) {
  if (!event.target.matches("form[action='/sign-out']")) return;
  event.preventDefault();
  await Promise.race([keepTyped(document), new Promise((resolve) => { setTimeout(resolve, signOutWaits); })]);
  for (const form of document.querySelectorAll("[data-comment-form]")) {
    if (!hasDraft(form)) continue;
    forget(form);
    form.elements.body.value = "";
    if (form.elements.title) form.elements.title.value = "";
  }
  event.target.submit();
}

function bringBack(form) {
  const [moment, text, mentions, title] = JSON.parse(sessionStorage.getItem(nameOf(form)) ?? "[0]");
  sessionStorage.removeItem(nameOf(form));
  if (Date.now() - moment > leftFor || form.elements.body.value === text) return;
  form.elements.body.value = text;
  form.elements.mentions.value = mentions;
  if (title && form.elements.title) form.elements.title.value = title;
  later(form);
}

function nameOf(form) {
  return `sophora.draft ${form.dataset.owner} ${form.dataset.thread} ${form.id}`;
}

/** Stores the drafts inside an element without delay; returns whether all were stored. */
export async function keepTyped(element) {
  for (const form of untold.keys()) if (!form.isConnected) forget(form);
  const kept = [...untold.keys()].filter((form) => element.contains(form)).map(keep);
  return (await Promise.all(kept)).every(Boolean);
}

function hasDraft(form) {
  return form.matches("[data-comment-form]") && form.querySelector("[data-draft-kept]") !== null;
}

function later(form) {
  clearTimeout(untold.get(form));
  // Before the next page, which may be this one, is requested. Registered only now: browsers do not keep pages with this
  // listener for "back".
  addEventListener("beforeunload", keepAll);
  untold.set(form, setTimeout(() => keep(form), pause));
}

function forget(form) {
  clearTimeout(untold.get(form));
  untold.delete(form);
  if (!untold.size) removeEventListener("beforeunload", keepAll);
}

async function keep(form) {
  if (!form.isConnected || form.ariaBusy === "true") return true;
  forget(form);
  const body = new URLSearchParams(new FormData(form));
  body.set("thread", form.dataset.thread);
  body.set("owner", form.dataset.owner);
  const said = form.querySelector("[data-draft-kept]");
  let isKept = false;
  try {
    // keepalive: also if the page unloads meanwhile, which browsers allow for 64 kB.
    const keepalive = body.toString().length < 60_000;
    const answer = await fetch("/board/drafts", { method: "POST", body, keepalive, headers: { Accept: "application/json" } });
    isKept = answer.ok;
  } catch {
    // it stays in the form; the next change tries again
  }
  if (!isKept && !untold.has(form)) untold.set(form, null);
  said.textContent = isKept && form.elements.body.value.trim() ? said.dataset.text : "";
  return isKept;
}
