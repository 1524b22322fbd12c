/** Lays each prediction over its truth: the slider moves the line between them. Without this script they stand side by side. */
export default function start(element, { words }) {
  for (const masks of element.querySelectorAll("[data-masks]")) {
    const slider = masks.querySelector("input");
    const show = () => {
      masks.style.setProperty("--share", `${slider.value}%`);
      slider.setAttribute("aria-valuetext", words.truth_share.replace("{percent}", `${slider.value}%`));
    };
    slider.addEventListener("input", show);
    slider.hidden = false;
    masks.dataset.stacked = "";
    show();
  }
}
