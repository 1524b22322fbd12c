/** Syntax highlighting for TOML: headers, keys, strings, numbers, comments. Enough to see where a string ends. */
import { StreamLanguage } from "@codemirror/language";

export const toml = StreamLanguage.define({
  name: "toml",
  startState: () => ({ quotes: "" }),
  token(stream, state) {
    if (state.quotes) return string(stream, state);
    if (stream.eatSpace()) return null;
    if (stream.match(/^#.*/)) return "comment";
    const quotes = stream.match(/^("""|'''|"|')/);
    if (quotes) {
      state.quotes = quotes[0];
      return string(stream, state);
    }
    if (stream.sol() && stream.match(/^\[\[?[^\]]*\]\]?/)) return "keyword";
    if (stream.match(/^[A-Za-z_][\w-]*(?=\s*[=.])/)) return "propertyName";
    if (stream.match(/^(true|false)\b/)) return "bool";
    if (stream.match(/^[+-]?[\d][\d_.eE+:-]*/)) return "number";
    stream.next();
    return null;
  },
});

/** To the end of the string, or of the line; only triple-quoted strings span lines. */
function string(stream, state) {
  const { quotes } = state;
  while (!stream.eol()) {
    if (quotes[0] === '"' && stream.match(/^\\./)) continue;
    if (stream.match(quotes)) {
      state.quotes = "";
      return "string";
    }
    stream.next();
  }
  if (quotes.length === 1) state.quotes = "";
  return "string";
}
