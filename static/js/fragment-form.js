/**
 * `<form data-replace="#target">`: sends the form in the background and puts the answer (an HTML fragment) in the
 * target's place. `<template data-replaces="#other">` in the answer renews another part of the page. A button may say so for
 * itself alone. Without scripts, or when the answer is a redirect to another page, the form works as any other.
 */
import { fetchFragment } from "./fetch-fragment.js";

export function startFragmentForms() {
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || !targetOf(form, event.submitter) || event.defaultPrevented || "sentPlainly" in form.dataset) return;
    event.preventDefault();
    await send(form, event.submitter);
  });
  // A script may send a form that nobody pressed: the focus stays where it is, and a failure is no news.
  document.addEventListener("sendquietly", (event) => send(event.target, null, { isQuiet: true }));
}

async function send(form, submitter, { isQuiet = false } = {}) {
  if (form.ariaBusy === "true") return; // a double click sends once
  form.ariaBusy = "true";
  const body = new URLSearchParams(new FormData(form, submitter));
  // A button without an address of its own says that it has the page's.
  const address = submitter?.hasAttribute("formaction") ? submitter.formAction : form.action;
  let answer, html;
  const isSaved = isQuiet ? () => {} : sayThatItWaits(form);
  try {
    answer = await fetchFragment(address, { method: "POST", body });
    html = await answer.text();
  } catch {
    if (!isQuiet) explainUnsent(form);
    return;
  } finally {
    form.ariaBusy = "false";
    isSaved();
  }
  if (answer.status === 401 && !isQuiet) {
    // Nobody is signed in any more: the page that the form itself leads to asks for that, and keeps what was typed.
    form.dataset.sentPlainly = "";
    form.requestSubmit(submitter);
  } else if (answer.redirected) {
    if (isQuiet) return;
    form.ariaBusy = "true"; // until the other page is there
    location.href = answer.url;
  } else if (answer.ok || answer.status === 422) replace(form, targetOf(form, submitter), html, isQuiet);
  else if (!isQuiet) explain(form, html);
}

/** After a moment, a note below the form; call the result once there is an answer. */
function sayThatItWaits(form) {
  const note = document.createElement("p");
  note.className = "muted";
  note.role = "status";
  const timer = setTimeout(() => {
    form.after(note);
    note.textContent = document.body.dataset.textWaiting;
  }, 1500);
  return () => {
    clearTimeout(timer);
    note.remove();
  };
}

/** The network failed: says so above the form, or above what the pressed button belongs to. */
export function explainUnsent(element) {
  explain(element, '<p class="field-error"></p>').firstElementChild.textContent = document.body.dataset.textUnsent;
}

/** What went wrong, above the form: what was typed stays, to be sent again. */
function explain(form, html) {
  const known = form.previousElementSibling;
  const problem = known?.matches("[data-form-problem]") ? known : document.createElement("div");
  problem.dataset.formProblem = "";
  problem.role = "alert";
  form.before(problem);
  problem.innerHTML = html;
  return problem;
}

function targetOf(form, submitter) {
  return submitter?.dataset.replace ?? form.dataset.replace;
}

function replace(form, selector, html, isQuiet) {
  const target = form.closest(selector) ?? document.querySelector(selector);
  const fragment = document.createRange().createContextualFragment(html);
  const first = fragment.firstElementChild;
  const others = [...fragment.querySelectorAll("template[data-replaces]")];
  for (const other of others) other.remove();
  target.replaceWith(fragment);
  for (const other of others) replaceOther(other);
  if (!first) return;
  first.dispatchEvent(new CustomEvent("contentchange", { bubbles: true }));
  if (isQuiet) return;
  const focus = first.querySelector("[autofocus], [aria-invalid='true'], [data-focus]") ?? first;
  if (focus === first) first.tabIndex = -1;
  focus.focus({ preventScroll: focus === first });
}

/** Another part that the answer changed. The focus stays where it is. */
function replaceOther({ content, dataset }) {
  const target = document.querySelector(dataset.replaces);
  const renewed = content.firstElementChild;
  if (!target || !renewed) return;
  target.replaceWith(content);
  renewed.dispatchEvent(new CustomEvent("contentchange", { bubbles: true }));
}
