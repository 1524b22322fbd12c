/**
 * Texts as numbers, exactly as worker/kit/texts.py makes them: by the vocabulary that came with the model.
 * Text is taken by code points, since Python counts these.
 */
const padding = 0, unknown = 1, first = 2;
const spaces = new Set("\t\n\v\f\r \u00a0");
const breaks = new Set(",.!?;:()\"'~-*/、。…—·“”‘’《》【】");
const latin = new Set("abcdefghijklmnopqrstuvwxyz0123456789");
const noChinese = new Set([...spaces, ...breaks, ...latin]);
const unknownCost = 20_000;
const longestWord = 6;
const levels = 3, least = 0.01; // of marking: that of a token, and the least largest weight

export function tokenizer({ kind, length, vocabulary, costs }) {
  const numbers = new Map(vocabulary.map((entry, place) => [entry, first + place]));

  /** Start, end and number of each token that is used, counted in code points. */
  function spans(text) {
    const plain = Array.from(text, normalized);
    const found = [];
    for (const [start, end] of kind === "word" ? words(plain) : characters(plain)) {
      if (found.length === length) break;
      found.push([start, end, numbers.get(plain.slice(start, end).join("")) ?? unknown]);
    }
    return found;
  }

  /** What the model takes. */
  function encode(text) {
    const encoded = new Float32Array(length).fill(padding);
    encoded.set(spans(text).map(([, , number]) => number));
    return encoded;
  }

  function* words(plain) {
    for (let start = 0, end; start < plain.length; start = end) {
      end = start + 1;
      if (latin.has(plain[start])) {
        while (end < plain.length && latin.has(plain[end])) end += 1;
        yield [start, end];
      } else if (breaks.has(plain[start])) {
        yield [start, end];
      } else if (!spaces.has(plain[start])) {
        while (end < plain.length && !noChinese.has(plain[end])) end += 1;
        yield* cheapest(plain, start, end);
      }
    }
  }

  /** The words of one run. Of two ways that cost the same, the one whose last word is longer. */
  function cheapest(plain, start, end) {
    const total = [0], begins = [start];
    for (let stop = start + 1; stop <= end; stop += 1) {
      let best = -1, begin = stop;
      for (let place = Math.max(start, stop - longestWord); place < stop; place += 1) {
        const number = numbers.get(plain.slice(place, stop).join(""));
        if (number === undefined && place < stop - 1) continue;
        const cost = total[place - start] + (number === undefined ? unknownCost : costs[number - first]);
        if (best < 0 || cost < best) [best, begin] = [cost, place];
      }
      total.push(best);
      begins.push(begin);
    }
    const found = [];
    for (let stop = end; stop > start; stop = begins[stop - start]) found.unshift([begins[stop - start], stop]);
    return found;
  }

  /** The text as nodes, its tokens marked by their weights as worker/kit/text_reports.py does for a report. */
  function marked(text, weights) {
    const characters = Array.from(text), largest = Math.max(least, ...weights.map(Math.abs));
    const nodes = [];
    let at = 0;
    spans(text).forEach(([start, end, number], place) => {
      nodes.push(characters.slice(at, start).join(""));
      const level = Math.floor((levels * weights[place]) / largest + 0.5);
      const node = document.createElement(level ? "mark" : "span");
      node.textContent = characters.slice(start, end).join("");
      if (level) node.dataset.level = level;
      node.dataset.number = number;
      nodes.push(node);
      at = end;
    });
    const unseen = document.createElement("s");
    unseen.textContent = characters.slice(at).join("");
    return [...nodes, unseen];
  }

  return { length, spans, encode, marked };
}

/** One character for one: full-width forms and capital Latin letters become plain ones. */
function normalized(character) {
  let code = character.codePointAt(0);
  if (code >= 0xff01 && code <= 0xff5e) code -= 0xfee0;
  else if (code === 0x3000) code = 0x20;
  return String.fromCodePoint(code >= 0x41 && code <= 0x5a ? code + 0x20 : code);
}

function* characters(plain) {
  for (let place = 0; place < plain.length; place += 1) if (!spaces.has(plain[place])) yield [place, place + 1];
}
