/**
 * A training's form while one changes it: its time and size and its Keras program follow, the lines that differ from the start are
 * marked, and what was set survives a reload.
 */
import { fetchFragment } from "../fetch-fragment.js";
import { fieldsOf, isChoice, stateOf } from "../kept-typed.js";

const pause = 350;
/** Where the program has a column of its own; as in lab.css. */
const roomForTwo = "(min-width: 75rem)";

export function startLabForm(bench) {
  const form = bench.querySelector("form");
  const program = bench.querySelector("[data-program]");
  const toStart = bench.querySelector("[data-start-values]");
  const draft = draftOf(form);
  let timer = 0;

  const follow = () => {
    toStart.hidden = !changedNames(form).length;
    clearTimeout(timer);
    timer = setTimeout(() => ask(bench), pause);
  };
  const changed = () => {
    draft.keep();
    follow();
  };
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  // The fields have their values back only after the event.
  form.addEventListener("reset", () => setTimeout(changed));
  form.addEventListener("submit", () => draft.forget());
  program.addEventListener("toggle", () => { if (program.open) ask(bench); });
  program.hidden = false;
  if (draft.restore()) toStart.hidden = !changedNames(form).length;
  whenSeen(bench, () => {
    if (bench.classList.contains("lab-bench-wide") && matchMedia(roomForTwo).matches) program.open = true;
    else ask(bench);
  });
}

/** The preview's address: what a lab locks is in it already. */
export function addressOf(preview, entries, withProgram) {
  const [path, locked = ""] = preview.split("?");
  const asked = new URLSearchParams(locked);
  for (const [name, value] of entries) if (!asked.has(name)) asked.set(name, value);
  if (withProgram) asked.set("program", "true");
  return `${path}?${asked}`;
}

/** The settings that differ from those with which the form came. */
function changedNames(form) {
  return fieldsOf(form).map(stateOf).filter(({ isChanged }) => isChanged).map(({ name }) => name);
}

async function ask(bench) {
  const form = bench.querySelector("form");
  const program = bench.querySelector("[data-program]");
  const names = new Set(fieldsOf(form).map(({ name }) => name));
  const entries = [...new FormData(form)].filter(([name]) => names.has(name) && name !== "guess" && !name.startsWith("sweep_"));
  const turn = bench.dataset.turn = String(Number(bench.dataset.turn ?? 0) + 1);
  const response = await fetchFragment(addressOf(bench.dataset.labForm, entries, program.open)).catch(() => null);
  if (bench.dataset.turn !== turn) return; // a later change was faster
  // An empty or impossible value has no forecast: what stands there is no longer true.
  bench.toggleAttribute("data-outdated", !response?.ok);
  if (!response?.ok) return;
  const answer = new DOMParser().parseFromString(await response.text(), "text/html");
  replaceIfOther(bench.querySelector("[data-forecast]"), answer.querySelector("[data-forecast]"));
  const code = answer.querySelector("code");
  if (code) showProgram(program, code, new Set(changedNames(form)));
}

/** A screen reader announces what changed, not what stayed. */
function replaceIfOther(place, fresh) {
  if (place.textContent.trim() !== fresh.textContent.trim()) place.replaceChildren(...fresh.childNodes);
}

function showProgram(program, fresh, changed) {
  program.querySelector("code").replaceChildren(...fresh.childNodes);
  let count = 0;
  for (const line of program.querySelectorAll("[data-settings]")) {
    if (!line.dataset.settings.split(" ").some((name) => changed.has(name))) continue;
    const gives = /^ {4}'/.test(line.textContent);
    line.dataset.changed = gives ? "given" : "used";
    if (gives) count += 1;
  }
  const words = program.querySelector("[data-changed-lines]");
  words.textContent = count ? (count === 1 ? words.dataset.one : words.dataset.many.replace("{count}", count)) : "";
}

function whenSeen(element, act) {
  new IntersectionObserver((entries, observer) => {
    if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
    observer.disconnect();
    act();
  }).observe(element);
}

/** The form's values, kept in this tab until they are sent; another user of the same browser does not get them. */
function draftOf(form) {
  const key = form.dataset.keep && `sophora.form ${form.dataset.keep} ${form.getAttribute("action")}${location.search}`;
  if (!key) return { keep() {}, forget() {}, restore: () => false };
  return {
    keep() {
      const states = fieldsOf(form).map(stateOf).filter(({ isChanged }) => isChanged);
      if (states.length) sessionStorage.setItem(key, JSON.stringify(states));
      else sessionStorage.removeItem(key);
    },
    forget() { sessionStorage.removeItem(key); },
    restore() {
      const states = JSON.parse(sessionStorage.getItem(key) ?? "[]");
      for (const field of states.length ? fieldsOf(form) : []) {
        const state = states.find(({ name, value }) => name === field.name && (!isChoice(field) || value === field.value));
        if (!state) continue;
        if (isChoice(field)) field.checked = state.isChecked;
        else field.value = state.value;
        field.dispatchEvent(new Event("input")); // its slider follows
        field.closest("details")?.setAttribute("open", "");
      }
      return states.length > 0;
    },
  };
}
