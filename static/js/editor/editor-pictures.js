/** Pictures that are dropped on a text, pasted into it, or dropped on the list: uploaded one after the other, and placed where they fell. */
import { removeCard, replaceCard, showCard } from "./editor-uploads.js";

export function startPictures(page, texts) {
  const list = page.querySelector("[data-pictures]");
  const zone = page.querySelector("[data-picture-zone]");
  const queue = new Queue(page.dataset);

  for (const text of texts.values()) {
    text.onFiles = (files, position) => {
      const place = edgeOfLine(text.view.state.doc, position);
      text.view.dispatch({ selection: { anchor: place } });
      text.view.focus();
      for (const file of files) {
        const card = makeCard(file, page.dataset);
        showCard(text.view, card.element, place);
        if (!text.name.endsWith(".md")) card.refuse(page.dataset.textNoPlace);
        else queue.add(file, card, (picture) => {
          replaceCard(text.view, card.element, (before, after) => figure(before, after, picture, page.dataset), page.dataset.textAlt);
          enlist(list, picture);
        });
        card.onAway = () => { removeCard(text.view, card.element); text.view.focus(); };
      }
    };
  }

  // A file that misses its place would be opened by the browser, in the place of the page.
  addEventListener("dragover", (event) => { if (hasFiles(event)) event.preventDefault(); });
  addEventListener("drop", (event) => {
    if (!hasFiles(event) || event.defaultPrevented) return;
    event.preventDefault();
    if (!zone.contains(event.target)) return;
    for (const file of event.dataTransfer.files) {
      const card = makeCard(file, page.dataset);
      list.before(card.element);
      card.onAway = () => card.element.remove();
      queue.add(file, card, (picture) => { card.element.remove(); enlist(list, picture); });
    }
  });
  addEventListener("beforeunload", (event) => { if (queue.isBusy) event.preventDefault(); });
}

const hasFiles = ({ dataTransfer }) => Boolean(dataTransfer?.types.includes("Files"));

/** A figure stands in a paragraph of its own: a sentence it fell into is not torn apart. */
function edgeOfLine(doc, position) {
  const line = doc.lineAt(position);
  return position - line.from < line.length / 2 ? line.from : line.to;
}

/** One upload at a time: so a lesson's pictures come in their order, and the others' uploads are not kept waiting by this one's twenty. */
class Queue {
  #last = Promise.resolve();
  #open = 0;

  constructor(words) {
    this.words = words;
  }

  get isBusy() {
    return this.#open > 0;
  }

  add(file, card, done) {
    this.#open++;
    const sending = this.#last.then(() => (card.isAway ? {} : upload(this.words, file, card)));
    this.#last = sending.then(({ picture, sentence, isLost }) => {
      this.#open--;
      if (card.isAway) return;
      if (picture) done(picture);
      else card.refuse(sentence, isLost ? () => this.add(file, card, done) : null);
    });
  }
}

/** `{ picture }`, or `{ sentence, isLost }`: why there is none, and whether trying again may help. */
function upload(words, file, card) {
  if (file.size > Number(words.mostBytes)) return Promise.resolve({ sentence: words.textTooLarge });
  return new Promise((resolve) => {
    const request = new XMLHttpRequest(); // fetch does not say how much of a body is sent
    request.open("POST", `${words.address}/pictures`);
    request.setRequestHeader("Accept", "application/json");
    request.upload.onprogress = ({ loaded, total }) => card.progress(loaded / total);
    request.onabort = () => resolve({});
    request.onerror = () => resolve({ sentence: words.textLost, isLost: true });
    request.onload = () => resolve(read(request, words));
    card.cancel = () => request.abort();
    const body = new FormData();
    body.set("picture", file);
    request.send(body);
  });
}

function read(request, words) {
  let body;
  try {
    body = JSON.parse(request.responseText);
  } catch {
    return { sentence: words.textLost, isLost: true };
  }
  if (request.status === 201) return { picture: body };
  return { sentence: body.error?.fields?.picture ?? body.error?.message ?? words.textLost, isLost: request.status !== 422 };
}

/** What stands in the text while its picture is on the way. */
function makeCard(file, words) {
  const element = document.createElement("div");
  const name = Object.assign(document.createElement("bdi"), { textContent: file.name });
  const sentence = document.createElement("span");
  const bar = Object.assign(document.createElement("progress"), { max: 1, value: 0 });
  const buttons = document.createElement("span");
  element.className = "upload";
  element.contentEditable = "false";
  bar.setAttribute("aria-label", file.name);
  sentence.setAttribute("role", "status");
  const card = {
    element,
    isAway: false,
    cancel: () => {},
    onAway: () => {},
    progress: (share) => { bar.value = share; },
    start() {
      element.removeAttribute("data-fault");
      sentence.textContent = words.textUploading;
      bar.value = 0;
      element.replaceChildren(name, bar, sentence, buttons);
      buttons.replaceChildren(button(words.textCancel, away));
    },
    refuse(why, again) {
      element.setAttribute("data-fault", "");
      sentence.textContent = why;
      element.replaceChildren(name, sentence, buttons);
      buttons.replaceChildren(...(again ? [button(words.textAgain, () => { card.start(); again(); })] : []), button(words.textPutAway, away));
    },
  };
  const away = () => {
    card.isAway = true;
    card.cancel();
    card.onAway();
  };
  card.start();
  return card;
}

function button(label, press) {
  const made = Object.assign(document.createElement("button"), { type: "button", className: "link-button", textContent: label });
  made.addEventListener("click", press);
  return made;
}

/** Its alternative text is what has to be written next. */
function figure(before, after, picture, words) {
  const above = !before || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
  const below = after.startsWith("\n\n") ? "" : after.startsWith("\n") ? "\n" : "\n\n";
  return `${above}![${words.textAlt}](${picture.name} "${words.textCaption}")${below}`;
}

function enlist(list, { name, address }) {
  if ([...list.querySelectorAll("code")].some((code) => code.textContent === name)) return;
  const item = document.querySelector("[data-picture-item]").content.firstElementChild.cloneNode(true);
  item.querySelector("img").src = address;
  item.querySelector("code").textContent = name;
  const removal = item.querySelector("button");
  item.querySelector("[name=name]").value = name;
  removal.setAttribute("aria-label", removal.ariaLabel.replace("{name}", name));
  list.append(item);
}
