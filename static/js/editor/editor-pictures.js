/** Pictures dropped on a text or pasted into it: uploaded, listed, and inserted at that position. */
export function startPictures(page, texts, draft) {
  const fault = page.querySelector("[data-picture-error]");
  const list = page.querySelector("[data-pictures]");
  const say = (text) => {
    fault.textContent = text;
    fault.hidden = !text;
  };

  for (const text of texts.values()) {
    text.onFiles = async (files, position) => {
      const marker = { position };
      text.markers.add(marker);
      say("");
      for (const file of files) {
        draft.say("uploading");
        const picture = await upload(page, file, say);
        if (picture) place(text, marker, picture, page.dataset);
        if (picture) show(list, picture);
      }
      text.markers.delete(marker);
      draft.changed();
    };
  }
}

async function upload(page, file, say) {
  const body = new FormData();
  body.set("picture", file);
  try {
    const answer = await fetch(`${page.dataset.address}/pictures`, { method: "POST", body, headers: { Accept: "application/json" } });
    const result = await answer.json();
    if (answer.ok) return result;
    say(result.error.fields?.picture ?? result.error.message);
  } catch {
    say(page.dataset.textRetry);
  }
  return null;
}

/** A figure is alone in its paragraph. Its alternative text is selected: it has to be written next. */
function place(text, marker, picture, words) {
  const { state } = text.view;
  const before = state.doc.sliceString(0, marker.position);
  const gap = !before || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
  const insert = `${gap}![${words.textAlt}](${picture.name} "${words.textCaption}")\n\n`;
  const from = marker.position + gap.length + 2;
  text.view.dispatch({ changes: { from: marker.position, insert }, selection: { anchor: from, head: from + words.textAlt.length } });
  text.view.focus();
}

function show(list, { name, address }) {
  if ([...list.querySelectorAll("code")].some((code) => code.textContent === name)) return;
  const item = document.createElement("li");
  const image = Object.assign(document.createElement("img"), { src: address, alt: "", width: 96, height: 64 });
  item.append(image, Object.assign(document.createElement("code"), { textContent: name }));
  list.append(item);
}
