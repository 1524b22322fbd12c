/** A hairline at the window's top that grows with reading. Hidden from screen readers, which know the scroll position. */
export function startReadingProgress() {
  const text = document.querySelector(".lesson > .prose");
  if (!text) return;
  const bar = document.createElement("div");
  bar.className = "reading-progress";
  bar.setAttribute("aria-hidden", "true");
  document.body.append(bar);
  let waiting = false;
  const draw = () => {
    waiting = false;
    const { top, height } = text.getBoundingClientRect();
    const way = Math.max(1, height - innerHeight);
    bar.style.transform = `scaleX(${Math.min(1, Math.max(0, -top / way))})`;
  };
  addEventListener("scroll", () => {
    if (!waiting) requestAnimationFrame(draw);
    waiting = true;
  }, { passive: true });
  addEventListener("resize", draw);
  draw();
}
