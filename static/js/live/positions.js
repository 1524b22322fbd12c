/** A page's position in a topic: the id of the last event it has seen, "1700000000000-3", or null before the first connection. */

/** Whether `one` comes after `other`; anything comes after null, and null after nothing. */
export function isAfter(one, other) {
  if (one == null) return false;
  if (other == null) return true;
  const [milliseconds, counter] = one.split("-").map(BigInt);
  const [otherMilliseconds, otherCounter] = other.split("-").map(BigInt);
  return milliseconds === otherMilliseconds ? counter > otherCounter : milliseconds > otherMilliseconds;
}

/**
 * The topics one connection must follow for all pages, each from the earliest position of any page. A page without a
 * position needs no past events. At most `most`, those of the pages that asked last.
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
