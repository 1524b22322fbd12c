/**
 * `<form data-replace="#target">`: sends the form in the background and puts the answer (an HTML fragment) in the
 * target's place. Without scripts, or when the answer is a redirect to another page, the form works as any other.
 */
export function startFragmentForms() {
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || !form.dataset.replace || event.defaultPrevented) return;
    event.preventDefault();
    await send(form, event.submitter);
  });
}

async function send(form, submitter) {
  if (form.ariaBusy === "true") return; // a double click sends once
  form.ariaBusy = "true";
  const body = new URLSearchParams(new FormData(form, submitter));
  try {
    const answer = await fetch(submitter?.formAction || form.action, { method: "POST", body, headers: { "X-Fragment": "1", Accept: "text/html" } });
    if (answer.redirected) {
      location.href = answer.url;
      return;
    }
    replace(form, await answer.text());
  } catch {
    form.ariaBusy = "false";
    form.submit(); // the network failed: the browser's own error page says so
  }
}

function replace(form, html) {
  const target = form.closest(form.dataset.replace) ?? document.querySelector(form.dataset.replace);
  const fragment = document.createRange().createContextualFragment(html);
  const first = fragment.firstElementChild;
  target.replaceWith(fragment);
  if (!first) return;
  first.dispatchEvent(new CustomEvent("contentchange", { bubbles: true }));
  const focus = first.querySelector("[autofocus], [aria-invalid='true'], [data-focus]") ?? first;
  if (focus === first) first.tabIndex = -1;
  focus.focus({ preventScroll: focus === first });
}
