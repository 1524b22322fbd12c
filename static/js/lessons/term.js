/**
 * Terms in a lesson (`<dfn data-term="kernel" tabindex="0">`) show their definition on hover, focus and tap; Escape
 * closes it. The definitions are in the lesson's glossary (`<dt id="term-kernel">`, then `<dd>`), which is all there is
 * without JavaScript.
 */
export function startTerms() {
  const terms = [...document.querySelectorAll("dfn[data-term]")];
  if (!terms.length) return;
  const note = document.createElement("div");
  note.className = "term-note";
  note.hidden = true;
  document.body.append(note);
  let shown = null;

  const definitionOf = (term) => document.getElementById(`term-${term.dataset.term}`)?.nextElementSibling;
  const hide = () => { note.hidden = true; shown = null; };
  const show = (term) => {
    const definition = definitionOf(term);
    if (!definition) return;
    shown = term;
    note.replaceChildren(...[...definition.childNodes].map((node) => node.cloneNode(true)));
    note.hidden = false;
    place(note, term.getClientRects()[0]);
  };

  for (const term of terms) {
    const definition = definitionOf(term);
    if (!definition) continue;
    definition.id ||= `definition-${term.dataset.term}`;
    term.setAttribute("aria-describedby", definition.id);
    term.addEventListener("pointerenter", (event) => { if (event.pointerType === "mouse") show(term); });
    term.addEventListener("pointerleave", (event) => {
      // The pointer may enter the note, to select text.
      if (event.pointerType === "mouse" && event.relatedTarget !== note && document.activeElement !== term) hide();
    });
    term.addEventListener("focus", () => show(term));
    term.addEventListener("blur", hide);
  }
  note.addEventListener("pointerleave", () => { if (document.activeElement !== shown) hide(); });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
  addEventListener("scroll", () => { if (shown) place(note, shown.getClientRects()[0]); }, { passive: true });
}

/** Below the word, or above if there is no room; never beyond the window's edge. */
function place(note, word) {
  const margin = 8;
  const { offsetWidth: width, offsetHeight: height } = note;
  const left = Math.min(Math.max(margin, word.left), document.documentElement.clientWidth - width - margin);
  const below = word.bottom + margin + height < innerHeight;
  note.style.left = `${left}px`;
  note.style.top = `${below ? word.bottom + 4 : word.top - height - 4}px`;
}
