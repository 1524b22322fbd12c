/**
 * One connection a page for all that happens to it. An element says what it follows with `data-live-topics="thread:<id>,wall:<date>,user"`;
 * what comes is told to the document as `live:<kind>`, its data in `event.detail`. "live:hello" comes at each connection; where
 * its detail says `isAgain`, the page was away for a while and asks what it has missed. The connection rests while the page is out of sight.
 */
const kinds = ["hello", "comment", "check-in", "unread"];
const restsAfter = 60_000;
let source = null;
let followed = "";
let rest = 0;
let connections = 0;

export function startLive() {
  follow();
  document.addEventListener("contentchange", follow);
  document.addEventListener("visibilitychange", () => {
    clearTimeout(rest);
    if (document.hidden) rest = setTimeout(close, restsAfter);
    else follow();
  });
  // A page that the browser keeps for "back" must not hold a connection.
  addEventListener("pagehide", close);
  addEventListener("pageshow", (event) => { if (event.persisted) follow(); });
}

function topics() {
  const all = [...document.querySelectorAll("[data-live-topics]")].flatMap((element) => element.dataset.liveTopics.split(","));
  return [...new Set(all)].sort().join(",");
}

function follow() {
  const wanted = topics();
  if (!wanted || (source && source.readyState !== EventSource.CLOSED && wanted === followed)) return;
  close();
  followed = wanted;
  source = new EventSource(`/live?topics=${encodeURIComponent(wanted)}`);
  for (const kind of kinds) source.addEventListener(kind, ({ data }) => tell(kind, data));
}

function close() {
  source?.close();
  source = null;
}

function tell(kind, data) {
  const detail = JSON.parse(data);
  if (kind === "hello") detail.isAgain = connections++ > 0;
  document.dispatchEvent(new CustomEvent(`live:${kind}`, { detail }));
}
