// Keeps an open page true by what the server tells of it. Without this module everything works by
// forms and reloading. Each module it is made of says at its head what attributes do there.
//
//   <main data-events="URL">   the page's event stream (web/streams.py).
//   id="…"                     an element whose inside the stream may change (`parts`).
//   data-say="…"               the one element that a screen reader announces; what was said last.
//   data-offline               is shown while there is no connection.

import { setMoments, tick } from "./clock.js";
import { takeDeeds } from "./deeds.js";
import { keepDrafts } from "./drafts.js";
import { guardMoved, places, setItems, watchList, whereHeld } from "./list.js";
import { mine, mineIfOthersActed, mineOnReturn } from "./mine.js";
import { setParts } from "./parts.js";
import { deaf, heard } from "./silence.js";

const UNSEEN = 3_000; // milliseconds after which a hidden page lets go of its connection
const page = document.querySelector("[data-events]");
let last = ""; // the id of what it was told last
let tries = 0;
let source = null;
let isLost = 0; // the timer that says so
let hiddenAt = 0;
let leaving = 0;

function told(data) {
  const [at, top] = whereHeld();
  const before = places();
  setParts(data.parts ?? {});
  setItems(data.items ?? {}, data.order);
  if (at?.isConnected) scrollBy(0, at.getBoundingClientRect().top - top);
  guardMoved(before);
  mineIfOthersActed();
  if ("in" in data) setMoments(data.in);
  const live = document.querySelector("[data-say]");
  if (live && data.say !== undefined && live.dataset.say !== data.say)
    live.textContent = live.dataset.say = data.say;
}

/** Refused for good, as where a link was revoked: the page itself says so. What else is wrong passes;
 * a 404 that has not our headers is of a server whose plugin is being updated. */
async function isRefused(url) {
  const response = await fetch(url, { method: "HEAD" }).catch(() => null);
  const isOurs = response?.headers.has("Content-Security-Policy");
  return isOurs && [401, 403, 404, 410].includes(response.status);
}

function setConnected(isConnected) {
  const show = (isShown) =>
    document.querySelectorAll("[data-offline]").forEach((note) => (note.hidden = !isShown));
  if (!isConnected) isLost ||= setTimeout(show, 3000, true);
  else if (isLost) {
    clearTimeout(isLost);
    isLost = 0;
    show(false);
    mine(); // nobody told what became of it meanwhile
  }
}

function listen() {
  leave();
  if (document.hidden) return; // until `wake`
  const url = new URL(page.dataset.events, location.href);
  if (last) url.searchParams.set("since", last);
  source = new EventSource(url);
  source.onopen = () => {
    tries = 0;
    setConnected(true);
    alive();
  };
  source.onmessage = (event) => {
    last = event.lastEventId;
    alive();
    told(JSON.parse(event.data));
  };
  source.addEventListener("beat", alive);
  source.onerror = async () => {
    setConnected(false);
    // Else the browser itself comes back, with the id of what it heard last.
    if (source.readyState !== EventSource.CLOSED) return;
    if (await isRefused(url)) location.reload();
    else listenLater();
  };
  alive();
}

function alive() {
  heard(() => {
    setConnected(false);
    listen();
  });
}

function leave() {
  deaf();
  source?.close();
}

/** Pages that lost the server together do not come back together. */
function listenLater() {
  setTimeout(listen, Math.min(30_000, 1000 * 2 ** tries++) * (0.5 + Math.random()));
}

/** A browser has six connections to a server, for all its tabs. And the clock stands still in a phone
 * that sleeps. */
function wake() {
  const ASLEEP = 30_000; // milliseconds
  clearTimeout(leaving);
  if (document.hidden) {
    hiddenAt = Date.now();
    leaving = setTimeout(leave, UNSEEN);
    return;
  }
  const isLong = Date.now() - hiddenAt > ASLEEP;
  if (isLong) {
    last = "";
    mine();
  } else mineOnReturn();
  if (isLong || source?.readyState !== EventSource.OPEN) listen();
}

document.addEventListener("session", () => {
  if (page) mine();
});

/** A browser gives up what is under way for what is sent next, and a login that was confirmed then is
 * one that nobody has. */
function keepFromClickingTwice() {
  const SLOW = 5_000; // milliseconds
  let at = -Infinity;
  document.addEventListener("submit", (event) => {
    if (event.target.method !== "post" || event.target.matches("[data-deed]")) return;
    if (performance.now() - at < SLOW) event.preventDefault();
    else at = performance.now();
  });
}

keepFromClickingTwice();
const doing = document.querySelector("[data-lost]");
if (doing) takeDeeds(doing);
if (page) {
  keepDrafts();
  watchList();
  setInterval(tick, 250);
  document.addEventListener("visibilitychange", wake);
  addEventListener("focus", mineOnReturn);
  listen();
  mine();
}
