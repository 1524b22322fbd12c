/** Marks a lesson as read once its end has been in sight for a moment; the button does the same by hand. */
const inSightMilliseconds = 1500;

export function startReadingEnd(root) {
  const form = root.querySelector("[data-reading-end]");
  if (!form) return;
  let timer;
  const observer = new IntersectionObserver(([entry]) => {
    clearTimeout(timer);
    if (!entry.isIntersecting) return;
    timer = setTimeout(() => {
      observer.disconnect();
      form.dispatchEvent(new CustomEvent("sendquietly", { bubbles: true }));
    }, inSightMilliseconds);
  });
  observer.observe(form);
}
