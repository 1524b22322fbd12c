/** Asks the server for a part of a page, or sends it something that a part of a page answers (app/web/fragments.py). */
export function fetchFragment(address, options = {}) {
  return fetch(address, { ...options, headers: { "X-Fragment": "1", Accept: "text/html" } });
}
