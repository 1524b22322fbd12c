/** How long to wait before another try: the more have failed, the longer, and never a whole class at the same moment. */
const FIRST_MS = 1000;
const LONGEST_MS = 30_000;

export function pauseBefore(failures, random = Math.random) {
  const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.max(0, failures));
  return longest * (0.5 + 0.5 * random());
}

/** Not all pages at the same moment, even if they were opened together. */
export function around(milliseconds, random = Math.random) {
  return milliseconds * (0.9 + 0.2 * random());
}
