/** A heartbeat every quarter of a minute; shows who else has the lesson open. */
import { repeat } from "../live/repeat.js";

const BEAT_SECONDS = 15;

export function startPresence(page, draft) {
  const tab = crypto.randomUUID?.() ?? randomId();
  const notice = page.querySelector("[data-others]");
  const address = `${page.dataset.address}/presence`;
  const time = new Intl.DateTimeFormat(document.documentElement.lang, { timeStyle: "short" });
  const send = (body, keepalive = false) => fetch(address, {
    method: "POST",
    keepalive,
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify({ tab, ...body }),
  });

  const beat = async () => {
    const answer = await send({});
    if (!answer.ok) throw new Error(`presence: ${answer.status}`);
    const { others, version } = await answer.json();
    const sentences = others.map(({ name, since, is_self: isSelf }) =>
      page.dataset[isSelf ? "textSelf" : "textOther"].replace("{name}", name).replace("{time}", time.format(new Date(since))));
    const text = sentences.join(" ");
    // Setting the same text again would make a live region read it again.
    if (notice.textContent.trim() !== text) notice.querySelector("p").textContent = text;
    notice.hidden = !others.length;
    if (version !== draft.version) await draft.catchUp();
    return BEAT_SECONDS;
  };
  repeat(beat);
  addEventListener("pagehide", () => send({ leaves: true }, true).catch(() => {}));
}

/** crypto.randomUUID exists in secure contexts only; a tab's identifier only has to be unique. */
function randomId() {
  const digits = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return digits.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}
