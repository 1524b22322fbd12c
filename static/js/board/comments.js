/**
 * Comments without reloads. Forms are sent by fragment-form.js; this opens reply forms in place, loads more comments,
 * updates likes, stores drafts, and offers new comments by others. Without JavaScript every link and
 * button leads to a page of its own.
 */
import { helpToWrite } from "./comments-code.js";
import { foldLong } from "./comments-fold.js";
import { keepDrafts, keepTyped } from "./comments-drafts.js";
import { offerPeople } from "./comments-mentions.js";
import { announceNew } from "./comments-new.js";
import { explainUnsent } from "../fragment-form.js";
import { fetchFragment } from "../fetch-fragment.js";

export function startComments(section) {
  section.addEventListener("click", (event) => onClick(event, section));
  section.addEventListener("submit", onSubmit);
  section.addEventListener("keydown", onKey);
  keepDrafts(section);
  offerPeople(section);
  helpToWrite(section);
  const words = section.querySelector("[data-live-words]")?.dataset;
  if (words) {
    foldLong(section, words);
    section.addEventListener("contentchange", ({ target }) => foldLong(target, words));
  }
  if (section.dataset.liveTopics) announceNew(section);
  section.addEventListener("contentchange", (event) => {
    if (event.target.matches(".comment-linked")) note(event.target, section);
  });
}

function onClick(event, section) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const reply = event.target.closest("a[data-reply]");
  const more = event.target.closest("a[data-more-link]");
  const cancel = event.target.closest("[data-reply-close]");
  if (!reply && !more && !cancel) return;
  event.preventDefault();
  if (reply) openReply(reply);
  else if (more) showMore(more, section);
  else closeReply(cancel);
}

/** The server's form, at the end of the top-level comment that the reply belongs to; not replacing unsaved text. */
async function openReply(link) {
  const place = link.closest("[data-comments] > [data-comment], .comments:not(.comment-replies) > [data-comment]")?.querySelector(":scope > [data-reply-place]");
  if (place && !(await keepTyped(place))) return explainUnsent(place.querySelector("form"));
  const html = place && (await ask(link.href));
  if (!html) {
    location.href = link.href;
    return;
  }
  place.replaceChildren(document.createRange().createContextualFragment(html));
  place.dispatchEvent(new CustomEvent("contentchange", { bubbles: true }));
  const text = place.querySelector("textarea");
  text.focus();
  text.setSelectionRange(text.value.length, text.value.length);
}

function closeReply(button) {
  const comment = button.closest("[data-comment]");
  const place = button.closest("[data-reply-place]");
  keepTyped(place);
  place.replaceChildren();
  comment.querySelector("a[data-reply]")?.focus();
}

async function showMore(link, section) {
  const item = link.closest("[data-more]");
  if (item.ariaBusy === "true") return;
  item.ariaBusy = "true";
  const html = await ask(link.dataset.moreLink || link.href);
  if (!html) {
    location.href = link.href;
    return;
  }
  const range = document.createRange().createContextualFragment(html);
  for (const other of range.querySelectorAll("[data-comment]")) if (section.querySelector(`#${CSS.escape(other.id)}`)) other.remove();
  const items = [...range.children];
  item.replaceWith(range);
  for (const element of items) element.dispatchEvent(new CustomEvent("contentchange", { bubbles: true }));
  focusOn(items[0]);
}

/** Likes and marks: the buttons of all comments belong to one form, which has the token. */
async function onSubmit(event) {
  const { target: form, submitter } = event;
  if (!form.matches("[data-comment-acts]") || submitter?.dataset.renews !== "comment") return;
  event.preventDefault();
  if (submitter.ariaBusy === "true") return; // a double click likes once
  submitter.ariaBusy = "true";
  const old = submitter.closest(".comment-self");
  const body = new URLSearchParams(new FormData(form, submitter));
  const html = await ask(submitter.formAction, { method: "POST", body });
  submitter.ariaBusy = "false";
  if (!html) return explainUnsent(old);
  const renewed = document.createRange().createContextualFragment(html).firstElementChild;
  const selector = `button[formaction="${submitter.getAttribute("formaction")}"]`;
  old.replaceWith(renewed);
  renewed.dispatchEvent(new CustomEvent("contentchange", { bubbles: true }));
  (renewed.querySelector(selector) ?? renewed.querySelector("button, a"))?.focus({ preventScroll: true });
}

function onKey(event) {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.matches("[data-comment-form] textarea")) {
    event.preventDefault();
    event.target.form.requestSubmit(event.target.form.querySelector("button[value='send']"));
  }
}

/** A comment was inserted: remove the empty-list notice, and update the number at the top if others see it, too. */
function note(comment, section) {
  section.querySelector("[data-comments-empty]")?.remove();
  if (comment.querySelector(":scope > .comment-self > .comment-waiting")) return;
  const shown = section.querySelector("[data-comment-count]");
  if (!shown) return;
  const count = Number(shown.dataset.commentCount) + 1;
  const words = section.querySelector("[data-live-words]").dataset;
  shown.dataset.commentCount = count;
  shown.textContent = count === 1 ? words.countOne : words.countMany.replace("{count}", count);
}

function focusOn(element) {
  if (!element) return;
  element.tabIndex = -1;
  element.focus({ preventScroll: true });
}

/** The response's HTML; undefined on failure. */
async function ask(address, more = {}) {
  try {
    const answer = await fetchFragment(address, more);
    return answer.ok && !answer.redirected ? await answer.text() : undefined;
  } catch {
    return undefined;
  }
}
