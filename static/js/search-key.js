/** "/" moves to the search field: the page's own if it has one, otherwise the header's; if that is hidden (phones), to the
    search page. */
export function startSearchKey() {
  document.addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (key !== "/" || event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (target.closest?.("input, textarea, select, [contenteditable], dialog")) return;
    const field = document.querySelector("[data-search-main]") ?? document.querySelector("[data-search]");
    event.preventDefault();
    if (field?.checkVisibility?.() ?? field?.offsetParent) {
      field.focus();
      field.select();
    } else {
      location.href = "/search";
    }
  });
}
