/** Runs on every page. Small behaviours start at once; a heavy one is loaded only if its element is present. */
import { startBell } from "./bell.js";
import { startContents } from "./lessons/contents.js";
import { startCopyButtons } from "./lessons/copy-code.js";
import { startFragmentForms } from "./fragment-form.js";
import { startHeadingWords } from "./heading-words.js";
import { startHeadingLinks } from "./lessons/heading-links.js";
import { startJoy } from "./joy.js";
import { startKeptTyped } from "./kept-typed.js";
import { startKeyboard } from "./keyboard.js";
import { startLive } from "./live.js";
import { startLocalTimes } from "./local-time.js";
import { startMenus } from "./menus.js";
import { startNumberPairs } from "./number-pair.js";
import { startReadingEnd } from "./lessons/reading-end.js";
import { startReadingPlace } from "./lessons/reading-place.js";
import { startReadingProgress } from "./lessons/reading-progress.js";
import { renewRequestKeys, startRequestKeys } from "./request-keys.js";
import { startSearchKey } from "./search-key.js";
import { startTextLengths } from "./text-length.js";
import { startTerms } from "./lessons/term.js";
import { startThemeSwitch } from "./theme.js";

const onEveryPage = [startBell, startThemeSwitch, startTerms, startContents, startFragmentForms, startReadingProgress, startReadingPlace, startKeyboard, startLive, startRequestKeys, startSearchKey, startMenus, startKeptTyped];
/** These look for elements again in content inserted later. */
const onNewContent = [startCopyButtons, startHeadingLinks, startHeadingWords, startLocalTimes, startNumberPairs, startReadingEnd, startJoy, renewRequestKeys, startTextLengths, startHeavyParts];

const heavyParts = {
  "[data-discussion]": () => import("./board/comments.js").then((part) => part.startComments),
  "[data-wall]": () => import("./checkins/checkins-wall.js").then((part) => part.startWall),
  "[data-zone-form]": () => import("./checkins/checkins-zone.js").then((part) => part.startZoneForm),
  "[data-job-figure]": () => import("./jobs/job-figures.js").then((part) => part.startJobFigure),
  "[data-job]": () => import("./jobs/job.js").then((part) => part.startJob),
  "[data-own-part]": () => import("./jobs/own-part.js").then((part) => part.startOwnPart),
  "[data-picture-pad]": () => import("./jobs/picture-pad.js").then((part) => part.startPicturePad),
  "[data-text-pad]": () => import("./jobs/text-pad.js").then((part) => part.startTextPad),
  "[data-class-curve]": () => import("./jobs/class-curve.js").then((part) => part.startClassCurve),
  "[data-console]": () => import("./console/console.js").then((part) => part.startConsole),
  "[data-draw-digit]": () => import("./jobs/draw-digit.js").then((part) => part.startDrawingPad),
  "[data-lab-form]": () => import("./labs/lab-form.js").then((part) => part.startLabForm),
  "[data-sweep]": () => import("./jobs/sweep.js").then((part) => part.startSweep),
  "[data-sweep-form]": () => import("./labs/sweep-fields.js").then((part) => part.startSweepFields),
  "[data-lab-run]": () => import("./labs/lab-run.js").then((part) => part.startLabRun),
  "[data-moderation]": () => import("./board/moderation.js").then((part) => part.startModeration),
  "[data-notes]": () => import("./notes/notes.js").then((part) => part.startNotes),
  "[data-order]": () => import("./lessons/order-question.js").then((part) => part.startOrderQuestion),
};

function startHeavyParts(root) {
  for (const [selector, load] of Object.entries(heavyParts)) {
    const elements = [...root.querySelectorAll(selector)].filter((element) => !("starting" in element.dataset));
    for (const element of elements) element.dataset.starting = "";
    if (elements.length) load().then((start) => elements.forEach((element) => startPart(start, element)));
  }
}

/** "data-started" marks that it works now. */
function startPart(start, element) {
  start(element);
  element.dataset.started = "";
}

for (const start of onEveryPage) start();
for (const start of onNewContent) start(document);
document.addEventListener("contentchange", (event) => {
  for (const start of onNewContent) start(event.target);
});
