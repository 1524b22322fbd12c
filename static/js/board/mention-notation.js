/**
 * Maps the names in a text to users, as in the form's hidden field: `@[name](user:id)` one after another. The server's
 * counterpart
 * is app/board/text/mentions.py.
 */
/** The text between the last "@" and the caret: a name being typed. Chinese continues without a space; a mail address has
    letters before it. */
export const typedMention = /(?<![A-Za-z0-9_])@([^\s@[\]]{0,40})$/u;
const notation = /@\[([^[\]\n]*)\]\(user:([0-9a-f-]{36})\)/g;

/** The name used in the text, and the field with its mapping added. Masked names are often the same: the second is *n(2). */
export function labelFor(name, id, field) {
  const known = new Map([...field.matchAll(notation)].map(([, label, user]) => [label, user]));
  const plain = name.replace(/[[\]\n]/g, "");
  let label = plain;
  for (let number = 2; known.has(label) && known.get(label) !== id; number++) label = `${plain}(${number})`;
  return { label, noted: known.has(label) ? field : `${field}@[${label}](user:${id})` };
}
