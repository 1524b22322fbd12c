/**
 * Converts `<time datetime>` (UTC from the server) to the reader's zone and language. Inside `[data-relative]` times less than
 * a day old are relative: "5 minutes ago".
 */
export function startLocalTimes(root) {
  const language = document.documentElement.lang;
  const long = momentFormat(language);
  for (const element of root.querySelectorAll("time[datetime*='T']")) {
    const moment = new Date(element.dateTime);
    if (Number.isNaN(moment.valueOf())) continue;
    element.title = long.format(moment);
    const say = () => {
      element.textContent = (element.closest("[data-relative]") && relative(moment, Date.now(), language)) || element.title;
    };
    say();
    if (element.closest("[data-relative]")) sayAgain(element, say);
  }
}

/** The format of a date with its time: 30 Nov 2026, 17:05, or 2026年11月30日 17:05; app/core/i18n.py uses the same. */
export function momentFormat(language, zone) {
  const isEnglish = language.startsWith("en");
  return new Intl.DateTimeFormat(isEnglish ? "en-GB" : "zh-Hans", { dateStyle: isEnglish ? "medium" : "long", timeStyle: "short", hourCycle: "h23", timeZone: zone });
}

/** As long as it is in the page. */
function sayAgain(element, say) {
  const timer = setInterval(() => (element.isConnected ? say() : clearInterval(timer)), 60_000);
}

/** "now", "5 minutes ago", "3 hours ago"; null if older than a day. Both times in milliseconds. */
export function relative(moment, now, language) {
  const words = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  const minutes = Math.max(0, Math.floor((now - moment) / 60_000));
  if (minutes === 0) return words.format(0, "second");
  if (minutes < 60) return words.format(-minutes, "minute");
  if (minutes < 24 * 60) return words.format(-Math.floor(minutes / 60), "hour");
  return undefined;
}
