/** Delay before a retry: longer after more failures, and randomised so that a class does not retry at once. */
const FIRST_MS = 1000;
const LONGEST_MS = 30_000;

export function pauseBefore(failures, random = Math.random) {
  const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.max(0, failures));
  return longest * (0.5 + 0.5 * random());
}

/** Randomised, even if the pages were opened together. */
export function around(milliseconds, random = Math.random) {
  return milliseconds * (0.9 + 0.2 * random());
}
