/**
 * The lesson editor: texts in CodeMirror, autosaved, with a live preview beside them.
 * An entry of its own: no other page loads it.
 */
import { startConflicts } from "./editor/editor-conflict.js";
import { Draft } from "./editor/editor-draft.js";
import { startPictures } from "./editor/editor-pictures.js";
import { startPresence } from "./editor/editor-presence.js";
import { startPreview } from "./editor/editor-preview.js";
import { SourceText } from "./editor/editor-text.js";
import { startViews } from "./editor/editor-views.js";

const page = document.querySelector("[data-editor]");
if (page) start(page);

async function start(page) {
  const texts = new Map();
  for (const area of page.querySelectorAll("textarea[data-source]")) {
    texts.set(area.name, new SourceText(area));
  }
  const draft = new Draft(page, texts);
  for (const text of texts.values()) {
    text.onChange = () => draft.changed();
    text.onSave = () => draft.save();
  }
  const reveal = startViews(page, texts);
  startPreview(page, texts, reveal);
  startPictures(page, texts);
  startConflicts(page, draft);
  startPresence(page, draft);
  startSchedule(page);
  saveBeforeLeaving(page, draft);
  page.querySelector("[data-draft]").addEventListener("submit", (event) => {
    event.preventDefault();
    draft.save();
  });
  addEventListener("keydown", (event) => {
    if (event.key !== "s" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    event.preventDefault(); // the page itself is nothing to keep
    draft.save();
  });
}

/** Actions on the draft apply to what is typed: it is saved first. */
function saveBeforeLeaving(page, draft) {
  page.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("[data-send-saved]") || event.defaultPrevented || !draft.isDirty) return;
    event.preventDefault();
    if (await draft.save()) form.requestSubmit(event.submitter);
  });
  page.addEventListener("click", async (event) => {
    const link = event.target.closest("a[data-open-saved]");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey || !draft.isDirty) return;
    event.preventDefault();
    if (await draft.save()) location.href = link.href;
  });
}

/** Times are typed in the browser's zone; the server gets its offset from UTC at that moment. */
function startSchedule(page) {
  const form = page.querySelector("[data-schedule]");
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  form.querySelector("[data-zone]").textContent = page.dataset.textZone.replace("{zone}", zone);
  form.addEventListener("submit", () => {
    const moment = new Date(form.elements.publish_at.value);
    form.elements.offset.value = Number.isNaN(moment.valueOf()) ? 0 : moment.getTimezoneOffset();
  }, { capture: true });
}
