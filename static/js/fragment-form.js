/**
 * `<form data-replace="#target">`: sends the form in the background and replaces the target by the response (an HTML
 * fragment). `<template data-replaces="#other">` in the response updates another part of the page. A button may have the
 * attribute for itself alone. Without JavaScript, or if the response redirects to another page, the form works like any
 * other.
 */
import { fetchFragment } from "./fetch-fragment.js";

export function startFragmentForms() {
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || !targetOf(form, event.submitter) || event.defaultPrevented || "sentPlainly" in form.dataset) return;
    event.preventDefault();
    await send(form, event.submitter);
  });
  // A script may submit a form without the user: then the focus stays, and a failure is not reported.
  document.addEventListener("sendquietly", (event) => send(event.target, null, { isQuiet: true }));
}

async function send(form, submitter, { isQuiet = false } = {}) {
  if (form.ariaBusy === "true") return; // a double click sends once
  form.ariaBusy = "true";
  const body = new URLSearchParams(new FormData(form, submitter));
  // The formAction of a button without that attribute is the page's address.
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
    // Signed out meanwhile: the page that the form itself leads to asks to sign in, and keeps what was typed.
    form.dataset.sentPlainly = "";
    form.requestSubmit(submitter);
  } else if (answer.redirected) {
    if (isQuiet) return;
    form.ariaBusy = "true"; // until the other page has loaded
    location.href = answer.url;
  } else if (answer.ok || answer.status === 422) replace(form, targetOf(form, submitter), html, isQuiet);
  else if (!isQuiet) explain(form, html);
}

/** After a moment, show a note below the form; call the result once there is a response. */
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

/** The network failed: report it above the form, or above the pressed button's container. */
export function explainUnsent(element) {
  explain(element, '<p class="field-error"></p>').firstElementChild.textContent = document.body.dataset.textUnsent;
}

/** An error message above the form: the input stays, to be resent. */
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
  const first = insertFragment(html, (fragment) => target.replaceWith(fragment));
  if (!first) return;
  first.dispatchEvent(new CustomEvent("contentchange", { bubbles: true }));
  if (isQuiet) return;
  const focus = first.querySelector("[autofocus], [aria-invalid='true'], [data-focus]") ?? first;
  if (focus === first) first.tabIndex = -1;
  focus.focus({ preventScroll: focus === first });
}

/** Puts a response where `put` inserts it, and its `<template data-replaces>` elsewhere. Returns its first element. */
export function insertFragment(html, put) {
  const fragment = document.createRange().createContextualFragment(html);
  const others = [...fragment.querySelectorAll("template[data-replaces]")];
  for (const other of others) other.remove();
  const first = fragment.firstElementChild;
  put(fragment);
  for (const other of others) replaceOther(other);
  return first;
}

/** Another part changed by the response. The focus stays where it is. */
function replaceOther({ content, dataset }) {
  const target = document.querySelector(dataset.replaces);
  const renewed = content.firstElementChild;
  if (!target || !renewed) return;
  target.replaceWith(content);
  renewed.dispatchEvent(new CustomEvent("contentchange", { bubbles: true }));
}
