/** Where a page stands in a topic: the id of the last event it has seen, "1700000000000-3", or null before the first connection. */

/** Whether `one` comes after `other`; anything comes after null, and null after nothing. */
export function isAfter(one, other) {
  if (one == null) return false;
  if (other == null) return true;
  const [milliseconds, counter] = one.split("-").map(BigInt);
  const [otherMilliseconds, otherCounter] = other.split("-").map(BigInt);
  return milliseconds === otherMilliseconds ? counter > otherCounter : milliseconds > otherMilliseconds;
}

/**
 * What one connection must follow for all pages: every topic, from where the page stands that has seen least of it. A page that
 * stands nowhere yet asks for nothing of the past. At most `most`, those of the pages that asked last.
 */
export function union(pages, most) {
  const all = new Map();
  for (const topics of [...pages].reverse()) {
    for (const [topic, position] of Object.entries(topics)) {
      if (!all.has(topic) && all.size === most) continue;
      const known = all.get(topic) ?? null;
      all.set(topic, known === null || (position !== null && isAfter(known, position)) ? position : known);
    }
  }
  return all;
}
