/**
 * Adds a slider beside a bounded number input (`data-slider`). If the bounds span decades (a learning rate), the
 * slider is logarithmic. A range too large for a slider (a seed's two billion) gets none.
 */
const widest = 1e6;

/** Three significant digits, as a plain decimal: 0.000316 rather than 3.16e-4. */
export function tidy(value) {
  return Number(Number(value).toPrecision(3));
}

/** From a slider's 0..1 to the value and back; `step` > 0 rounds to whole steps from `minimum`. */
export function scaleOf({ minimum, maximum, step }) {
  const logarithmic = minimum > 0 && maximum / minimum >= 100;
  const whole = step >= 1;
  const clamp = (value) => Math.min(maximum, Math.max(minimum, value));
  return {
    logarithmic,
    toValue(share) {
      if (logarithmic) {
        const value = minimum * (maximum / minimum) ** share;
        return clamp(whole ? Math.round(value) : tidy(value));
      }
      const value = minimum + share * (maximum - minimum);
      return clamp(step > 0 ? Number((minimum + Math.round((value - minimum) / step) * step).toFixed(10)) : tidy(value));
    },
    toShare(value) {
      const inside = clamp(value);
      return logarithmic ? Math.log(inside / minimum) / Math.log(maximum / minimum) : (inside - minimum) / (maximum - minimum);
    },
  };
}

export function startNumberPairs(root) {
  for (const input of root.querySelectorAll("input[type='number'][data-slider]:not([disabled])")) addSlider(input);
}

function addSlider(input) {
  const [minimum, maximum] = [Number(input.min), Number(input.max)];
  if (!(maximum > minimum) || maximum - minimum > widest || input.parentElement.querySelector("input[type='range']")) return;
  const step = Number(input.dataset.step) || (input.step === "any" ? 0 : Number(input.step || 1));
  const scale = scaleOf({ minimum, maximum, step });
  const slider = document.createElement("input");
  Object.assign(slider, { type: "range", min: 0, max: 1000, step: 1 });
  slider.setAttribute("aria-label", input.labels[0]?.firstChild.textContent.trim() ?? input.name);
  const show = () => {
    slider.value = String(Math.round(1000 * scale.toShare(Number(input.value))));
    slider.setAttribute("aria-valuetext", input.value);
  };
  slider.addEventListener("input", () => {
    input.value = String(scale.toValue(Number(slider.value) / 1000));
    slider.setAttribute("aria-valuetext", input.value);
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
  input.addEventListener("input", show);
  input.form?.addEventListener("reset", () => setTimeout(show));
  show();
  input.before(slider);
}
