/** Turns `<time datetime>` (UTC from the server) into the reader's zone and language. */
export function startLocalTimes(root) {
  const language = document.documentElement.lang;
  const long = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
  for (const element of root.querySelectorAll("time[datetime*='T']")) {
    const moment = new Date(element.dateTime);
    if (Number.isNaN(moment.valueOf())) continue;
    element.textContent = long.format(moment);
    element.title = element.dateTime;
  }
}
