/**
 * Pictures on their way, each shown in the text at the place where it will stand, with how far it is, or why it was refused.
 * They are no part of the text, and move with it while somebody goes on writing.
 */
import { StateEffect, StateField } from "@codemirror/state";
import { Decoration, EditorView, WidgetType } from "@codemirror/view";

const added = StateEffect.define();
const removed = StateEffect.define();

class CardWidget extends WidgetType {
  constructor(card) {
    super();
    this.card = card;
  }

  eq(other) {
    return other.card === this.card;
  }

  toDOM() {
    return this.card;
  }

  ignoreEvent() {
    return true;
  }
}

/** `{ card, position }` each: an element, and where its picture goes. */
const waiting = StateField.define({
  create: () => [],
  update(cards, { changes, effects }) {
    // A picture that comes before those above it in the queue stands below them all the same.
    const placed = cards.findIndex(({ card }) => effects.some((effect) => effect.is(removed) && effect.value === card));
    let after = changes.empty ? cards : cards.map(({ card, position }, index) => ({ card, position: changes.mapPos(position, index < placed ? -1 : 1) }));
    for (const effect of effects) {
      if (effect.is(added)) after = [...after, effect.value];
      if (effect.is(removed)) after = after.filter(({ card }) => card !== effect.value);
    }
    return after;
  },
});

const drawn = EditorView.decorations.compute([waiting, "doc"], (state) => {
  const widgets = state.field(waiting).map(({ card, position }) =>
    Decoration.widget({ widget: new CardWidget(card), block: true, side: 1 }).range(state.doc.lineAt(position).to));
  return Decoration.set(widgets, true);
});

export const uploads = [waiting, drawn];

export function showCard(view, card, position) {
  view.dispatch({ effects: added.of({ card, position }) });
}

export function removeCard(view, card) {
  view.dispatch({ effects: removed.of(card) });
}

/** Put `insert(before)` where the card was; `before` is the text above. `selected`: the words to select if nobody has gone on writing elsewhere. */
export function replaceCard(view, card, insert, selected) {
  const { state } = view;
  const { position } = state.field(waiting).find((entry) => entry.card === card);
  const words = insert(state.sliceDoc(0, position), state.sliceDoc(position));
  const { main } = state.selection;
  const from = position + words.indexOf(selected);
  const isHere = main.empty && main.head === position;
  view.dispatch({
    changes: { from: position, insert: words },
    effects: removed.of(card),
    ...(isHere ? { selection: { anchor: from, head: from + selected.length }, scrollIntoView: true } : {}),
  });
}
