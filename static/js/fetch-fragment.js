/** Requests a page fragment, or sends something that is answered by one (app/web/fragments.py). */
export function fetchFragment(address, options = {}) {
  return fetch(address, { ...options, headers: { "X-Fragment": "1", Accept: "text/html" } });
}
