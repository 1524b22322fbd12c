/**
 * A form's key lets the server recognise a resubmission. A page may be shown more than once, from the browser's
 * or the server's cache: each showing gets new keys. A comment's key belongs to its draft.
 */
export function startRequestKeys() {
  addEventListener("pageshow", ({ persisted }) => { if (persisted) renewRequestKeys(document); });
}

export function renewRequestKeys(root) {
  const fields = root.querySelectorAll('form:not([data-comment-form]) > input[name="request_key"]');
  for (const field of fields) field.value = newKey();
}

/** crypto.randomUUID exists in secure contexts only. */
function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
