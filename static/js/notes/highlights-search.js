/**
 * Finds a passage again in a text that may have been edited since: first as it was, then with small differences.
 * Everything here works on strings without white space (see highlights-text.js), so it runs without a document.
 */

/** The fraction of a passage that may differ: letters changed, added or removed. */
const tolerance = 0.3;
/** A shorter passage is ambiguous by itself: its context has to match. */
const tellsEnough = 12;
const mostCandidates = 6;

/**
 * @param {string} text the lesson's text as it is now
 * @param {{quote: string, prefix: string, suffix: string}} passage the marked text and its context
 * @param {[number, number] | null} section where to look first: the section it stood in
 * @returns {[number, number] | null} [start, end) of the passage, or null if it is gone
 */
export function findPassage(text, passage, section = null) {
  const sought = Object.fromEntries(["quote", "prefix", "suffix"].map((name) => [name, withoutSpace(passage[name])]));
  if (!sought.quote) return null;
  const found = exactPlaces(text, sought.quote).map((start) => ({ start, end: start + sought.quote.length, errors: 0 }));
  const exact = best(text, found, sought, section);
  if (exact) return [exact.start, exact.end];
  const similar = best(text, similarPlaces(text, sought.quote), sought, section);
  return similar ? [similar.start, similar.end] : null;
}

export function withoutSpace(text) {
  return (text ?? "").replace(/\s+/g, "");
}

/** The candidate whose context matches best; none if the passage is too short to be identified by its text alone. */
function best(text, candidates, sought, section) {
  const rated = candidates.map((candidate) => {
    const around = agreement(text, candidate, sought);
    const isInSection = section !== null && candidate.start >= section[0] && candidate.end <= section[1];
    return { ...candidate, around, isInSection, rate: around + (isInSection ? 0.25 : 0) - 2 * (candidate.errors / sought.quote.length) };
  });
  rated.sort((a, b) => b.rate - a.rate);
  const [first] = rated;
  if (!first) return null;
  const isAlone = rated.filter((one) => one.isInSection).length === 1 && first.isInSection && first.errors === 0;
  const isTold = sought.quote.length >= tellsEnough || first.around >= 0.3 || (isAlone && sought.quote.length >= 4);
  return isTold ? first : null;
}

/** 0..1: how much of the context is still there. Without any context, the text alone counts. */
function agreement(text, { start, end }, { prefix, suffix }) {
  const whole = prefix.length + suffix.length;
  if (!whole) return 1;
  const before = text.slice(Math.max(0, start - prefix.length), start);
  const after = text.slice(end, end + suffix.length);
  return (whole - distance(before, prefix) - distance(after, suffix)) / whole;
}

function exactPlaces(text, quote) {
  const places = [];
  for (let at = text.indexOf(quote); at >= 0 && places.length < 200; at = text.indexOf(quote, at + 1)) places.push(at);
  return places;
}

/**
 * Places similar to the quote. If a quote is cut into one more piece than there are errors, at least one piece is unchanged;
 * where pieces match, the best alignment is searched for.
 */
function similarPlaces(text, quote) {
  const errors = Math.floor(quote.length * tolerance);
  if (!errors) return [];
  const starts = likelyStarts(text, quote, Math.max(2, Math.floor(quote.length / (errors + 1))), errors);
  return starts.map((start) => alignment(text, quote, Math.max(0, start - errors), start + quote.length + errors, errors)).filter(Boolean);
}

function likelyStarts(text, quote, size, errors) {
  const votes = new Map();
  const width = errors + 1;
  for (let offset = 0; offset + size <= quote.length; offset += 1) {
    const piece = quote.slice(offset, offset + size);
    const places = exactPlaces(text, piece);
    if (places.length > 100) continue; // says nothing
    for (const place of places) {
      const bucket = Math.floor((place - offset) / width);
      votes.set(bucket, (votes.get(bucket) ?? 0) + 1 / places.length);
    }
  }
  const likely = [...votes].sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, mostCandidates);
  return likely.map(([bucket]) => bucket * width + (width >> 1));
}

/** The part of text[from, to) that differs least from the quote: {start, end, errors}, or null if too much differs. */
function alignment(text, quote, from, to, mostErrors) {
  const part = text.slice(from, to);
  // costs[j]: the fewest edits that turn quote[0, i) into a part ending at j; begins[j]: where that part starts.
  let costs = new Int32Array(part.length + 1);
  let begins = Int32Array.from({ length: part.length + 1 }, (_, j) => j);
  for (let i = 1; i <= quote.length; i += 1) {
    const nextCosts = new Int32Array(part.length + 1);
    const nextBegins = new Int32Array(part.length + 1);
    nextCosts[0] = i;
    for (let j = 1; j <= part.length; j += 1) {
      const replaced = costs[j - 1] + (quote[i - 1] === part[j - 1] ? 0 : 1);
      const removed = costs[j] + 1;
      const added = nextCosts[j - 1] + 1;
      const least = Math.min(replaced, removed, added);
      nextCosts[j] = least;
      nextBegins[j] = least === replaced ? begins[j - 1] : least === removed ? begins[j] : nextBegins[j - 1];
    }
    [costs, begins] = [nextCosts, nextBegins];
  }
  let end = 0;
  for (let j = 1; j <= part.length; j += 1) if (costs[j] < costs[end]) end = j;
  if (costs[end] > mostErrors || begins[end] === end) return null;
  return { start: from + begins[end], end: from + end, errors: costs[end] };
}

/** Levenshtein distance of two short strings. */
function distance(a, b) {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) next.push(Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length];
}
