/**
 * A moment of joy that happens before its reader's eyes moves, once, when it has come into sight. What the page came with stays the
 * still picture that it is, and so does what was done before: an answer given again, say.
 */
let wasDone = false;

export function startJoy(root) {
  // A training's own opens when it has ended before its reader's eyes (jobs/job.js).
  const place = root.querySelector?.("[data-joy]:not([data-job] *)");
  if (!place) return;
  if (root !== document && !wasDone) openInSight(place);
  wasDone = true;
}

export function openInSight(place) {
  place.dataset.joy = "waits";
  const observer = new IntersectionObserver(([entry]) => {
    if (!entry.isIntersecting) return;
    observer.disconnect();
    place.dataset.joy = "opens";
  }, { threshold: 0.5 });
  observer.observe(place);
}
