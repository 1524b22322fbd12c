/** Several values at once, in a training's form: a chosen setting suggests values, and the number of trainings follows. */

export function startSweepFields(fold) {
  const axes = [...fold.querySelectorAll(".sweep-axis")].map((axis) => ({
    setting: axis.querySelector("select"), values: axis.querySelector("input"),
  }));
  const count = () => {
    const place = fold.querySelector("[data-sweep-count]");
    const lengths = axes.map(({ setting, values }) => (setting.value ? countOf(values.value, isNumber(setting)) : 0)).filter(Boolean);
    const product = lengths.reduce((product, length) => product * length, 1);
    const words = !lengths.length ? "" : product === 1 ? fold.dataset.one : fold.dataset.many.replace("{count}", product);
    if (place.textContent !== words) place.textContent = words;
  };
  for (const { setting, values } of axes) {
    let suggested = "";
    setting.addEventListener("change", () => {
      if (values.value && values.value !== suggested) return; // typed by hand
      values.value = suggested = setting.selectedOptions[0]?.dataset.values ?? "";
    });
    values.addEventListener("keydown", (event) => {
      // Enter would press the form's first button, which starts one training.
      if (event.key !== "Enter") return;
      event.preventDefault();
      fold.querySelector("[data-sweep-start]").click();
    });
  }
  for (const kind of ["input", "change"]) fold.addEventListener(kind, count);
  count();
}

function isNumber(setting) {
  return /^[\d.,\s-]+$/.test(setting.selectedOptions[0]?.dataset.values ?? "");
}

/** As app/jobs/sweeps/axes.py separates them. */
export function countOf(text, isNumber) {
  const parts = text.split(isNumber ? /[,，、;；\s]/ : /[,，、;；\n]/).map((part) => part.trim()).filter(Boolean);
  return new Set(parts).size;
}
