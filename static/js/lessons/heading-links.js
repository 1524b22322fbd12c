/** A link to each section of a text, shown when its heading is pointed at or focused. */
export function startHeadingLinks(root) {
  for (const heading of root.querySelectorAll(".prose :is(h2, h3)[id]:not(:has(.heading-anchor))")) {
    const link = document.createElement("a");
    link.className = "heading-anchor";
    link.href = `#${heading.id}`;
    link.textContent = "#";
    link.setAttribute("aria-label", `${document.body.dataset.textAnchor}: ${heading.textContent}`);
    heading.append(link);
  }
}
