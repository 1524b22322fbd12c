/**
 * Stores a signed-in reader's position, for the link "You were here" on the next visit, on whichever device. A position is
 * the heading above and the fraction of its section scrolled past, so that edits elsewhere in the text do not move it.
 */
const restMilliseconds = 3000; // only if the reader stays: leafing through keeps the old position
const atMostEvery = 8000;

export function startReadingPlace() {
  const lesson = document.querySelector(".lesson");
  if (!lesson) return;
  followFraction(lesson);
  const address = lesson.dataset.placeAddress;
  if (!address) return;
  let sent = "";
  let sentAt = -Infinity;
  let rest;

  const send = () => {
    const place = currentPlace(lesson);
    if (!place) return;
    const body = new URLSearchParams({ anchor: place.anchor, fraction: place.fraction.toFixed(3) });
    if (String(body) === sent) return;
    sent = String(body);
    sentAt = performance.now();
    navigator.sendBeacon(address, body);
  };
  const later = () => {
    clearTimeout(rest);
    rest = setTimeout(send, Math.max(restMilliseconds, sentAt + atMostEvery - performance.now()));
  };
  addEventListener("scroll", later, { passive: true });
  // A reader who leaves after some time has a position too, even between two reports.
  addEventListener("pagehide", () => { if (sent) send(); });
}

/** The last heading above the window's upper third, and the fraction of its section scrolled past; null at the text's
    beginning. */
export function currentPlace(lesson) {
  const line = innerHeight / 3;
  const sections = sectionsOf(lesson);
  const current = sections.findLast((section) => section.top < line);
  if (!current || lesson.getBoundingClientRect().top >= 0) return null;
  const fraction = (line - current.top) / Math.max(1, current.bottom - current.top);
  return { anchor: current.anchor, fraction: Math.min(1, Math.max(0, fraction)) };
}

function sectionsOf(lesson) {
  const text = lesson.querySelector(".prose");
  const headings = [...text.querySelectorAll(":scope > :is(h2, h3, h4)[id]")].filter((heading) => heading.id !== "glossary");
  const tops = headings.map((heading) => heading.getBoundingClientRect().top);
  return headings.map((heading, index) => ({ anchor: heading.id, top: tops[index], bottom: tops[index + 1] ?? text.getBoundingClientRect().bottom }));
}

/** The link leads to the heading; with JavaScript it continues to the exact position below it. */
function followFraction(lesson) {
  const link = lesson.querySelector("[data-place-fraction]");
  link?.addEventListener("click", (event) => {
    const anchor = decodeURIComponent(link.hash.slice(1));
    const section = sectionsOf(lesson).find((each) => each.anchor === anchor);
    if (!section) return;
    event.preventDefault();
    history.pushState(null, "", link.hash);
    const fraction = Number(link.dataset.placeFraction);
    scrollTo({ top: scrollY + section.top + fraction * (section.bottom - section.top) - innerHeight / 3 });
    const heading = document.getElementById(anchor);
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
  });
}
