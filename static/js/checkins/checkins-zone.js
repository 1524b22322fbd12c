/** Beside the time zone field: a button that selects the device's zone, if it differs and is available. */
export function startZoneForm(form) {
  const button = form.querySelector("[data-own-zone]");
  const choice = form.elements.zone;
  const own = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!own || own === choice.value || ![...choice.options].some((option) => option.value === own)) return;
  button.textContent = button.dataset.text.replace("{zone}", own);
  button.hidden = false;
  button.addEventListener("click", () => {
    choice.value = own;
    button.hidden = true;
    choice.focus();
  });
}
