/** What a visitor typed into a page's forms, such as quiz answers, is restored when they return to it signed in. */
const KEY = "sophora.typed";
const KEPT_FOR = 3600_000;

export function startKeptTyped() {
  restore();
  document.addEventListener("click", ({ target }) => {
    if (target.closest?.("a[href^='/sign-in'], a[href^='/sign-up']")) keep();
  });
}

function keep() {
  const forms = [...document.querySelectorAll("main form[method='post']")].filter((form) => !form.querySelector("[type='password']"));
  const typed = forms.map((form) => [form.getAttribute("action"), fieldsOf(form).map(stateOf)]).filter(([, fields]) => fields.some(({ isChanged }) => isChanged));
  if (typed.length) sessionStorage.setItem(KEY, JSON.stringify({ path: location.pathname, moment: Date.now(), typed }));
}

function restore() {
  const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
  if (!kept || kept.path !== location.pathname || !document.querySelector(".account")) return;
  sessionStorage.removeItem(KEY);
  if (Date.now() - kept.moment > KEPT_FOR) return;
  for (const [action, states] of kept.typed) {
    const form = document.querySelector(`main form[action="${CSS.escape(action)}"]`);
    for (const field of form ? fieldsOf(form) : []) {
      const state = states.find(({ name, value }) => name === field.name && (!isChoice(field) || value === field.value));
      if (state && isChoice(field)) field.checked = state.isChecked;
      else if (state) field.value = state.value;
    }
  }
}

export function fieldsOf(form) {
  return [...form.elements].filter(({ name, type }) => name && !["hidden", "submit", "button", "file"].includes(type));
}

export function stateOf(field) {
  const { name, value } = field;
  if (isChoice(field)) return { name, value, isChecked: field.checked, isChanged: field.checked !== field.defaultChecked };
  const before = field.options ? [...field.options].find((option) => option.defaultSelected)?.value ?? field.options[0]?.value : field.defaultValue;
  return { name, value, isChanged: value !== before };
}

export function isChoice({ type }) {
  return type === "radio" || type === "checkbox";
}
