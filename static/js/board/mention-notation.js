/**
 * Whom the names of a text mean, as a hidden field of its form says it: `@[name](user:id)` one after another. The server's side
 * of this is app/board/text/mentions.py.
 */
/** What stands between the last "@" and the caret: a name that is being typed. Chinese goes on without a space; an address of mail has letters before. */
export const typedMention = /(?<![A-Za-z0-9_])@([^\s@[\]]{0,40})$/u;
const notation = /@\[([^[\]\n]*)\]\(user:([0-9a-f-]{36})\)/g;

/** How the text calls a person, and the field with that noted. Masked names are often the same: the second is *n(2). */
export function labelFor(name, id, field) {
  const known = new Map([...field.matchAll(notation)].map(([, label, user]) => [label, user]));
  const plain = name.replace(/[[\]\n]/g, "");
  let label = plain;
  for (let number = 2; known.has(label) && known.get(label) !== id; number++) label = `${plain}(${number})`;
  return { label, noted: known.has(label) ? field : `${field}@[${label}](user:${id})` };
}
