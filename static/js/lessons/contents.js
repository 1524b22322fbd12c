/** The table of contents: folded on narrow screens, open beside the text on wide ones, marks the current section. */
export function startContents() {
  const contents = document.querySelector("details.contents");
  if (!contents) return;
  const wide = matchMedia("(min-width: 62rem)");
  const fold = () => { contents.open = wide.matches; };
  fold();
  wide.addEventListener("change", fold);

  const links = new Map([...contents.querySelectorAll('a[href^="#"]')].map((link) => [decodeURIComponent(link.hash.slice(1)), link]));
  const headings = [...links.keys()].map((id) => document.getElementById(id)).filter(Boolean);
  if (!headings.length) return;
  contents.addEventListener("click", (event) => {
    if (event.target.closest("a") && !wide.matches) contents.open = false;
  });

  const mark = () => {
    // The current section is the last whose heading has passed the upper third of the window.
    const passed = headings.filter((heading) => heading.getBoundingClientRect().top < innerHeight / 3);
    const current = links.get((passed.at(-1) ?? headings[0]).id);
    for (const link of links.values()) {
      if (link === current) link.setAttribute("aria-current", "location");
      else link.removeAttribute("aria-current");
    }
  };
  const observer = new IntersectionObserver(mark, { rootMargin: "0px 0px -66% 0px" });
  for (const heading of headings) observer.observe(heading);
  mark();
}
