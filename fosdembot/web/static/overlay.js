// Shows the question that is being answered, and nothing else: in at once, out at once. What is shown
// stays while there is no connection, and does not flash when there is one again.

import { heard } from "./silence.js";

const main = document.querySelector("[data-events]");
const box = document.getElementById("box");
const seconds = Number(main.dataset.seconds); // for so long a question is shown; 0: until it is answered
let shown = null;
let source = null;
let tries = 0;
let leaving = 0;

function told(data) {
  const html = data.parts?.box;
  if (html !== undefined && html !== shown) {
    const template = document.createElement("template");
    template.innerHTML = html;
    box.replaceChildren(template.content);
    shown = html;
  }
  if (!("in" in data)) return;
  clearTimeout(leaving);
  box.hidden = false;
  if (!seconds || !data.in) return;
  // Counted by the server's clock from when it was taken, so a late start shows it no longer.
  const left = data.in.until + seconds;
  if (left <= 0) box.hidden = true;
  else leaving = setTimeout(() => (box.hidden = true), left * 1000);
}

function listen() {
  source?.close();
  source = new EventSource(main.dataset.events);
  source.onopen = () => (tries = 0);
  source.onmessage = (event) => {
    heard(listen);
    told(JSON.parse(event.data));
  };
  source.addEventListener("beat", () => heard(listen));
  heard(listen);
  source.onerror = async () => {
    if (source.readyState !== EventSource.CLOSED) return;
    setTimeout(listen, Math.min(10_000, 500 * 2 ** tries++) * (0.5 + Math.random()));
    const response = await fetch(main.dataset.events, { method: "HEAD" }).catch(() => null);
    // A link that was revoked shows nothing any more.
    if (response?.status === 403) box.hidden = true;
  };
}

listen();
