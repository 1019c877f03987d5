// Keeps an open page true by what the server tells of it, and sends its forms. Without this module
// everything works by forms and reloading.
//
// What attributes do:
//   <main data-events="URL">        the page's event stream (web/streams.py). Beside it, on the same
//     data-mine="URL"               element: personal facts, see `mine`;
//     data-lost="…"                 what to say where no answer came.
//   id="…"                          an element whose inside the stream may change (`parts`). Focus,
//                                   what was typed, and <details> that are open stay as they are.
//   data-keep                       inside a part: the stream leaves this element as it is.
//   <ol id="list"><li id="q12">     the list (`items`, `order`). While the pointer or the focus is in
//                                   its parent, nothing moves, comes or goes; texts change at once.
//   <button id="held" hidden data-one="1 new" data-many="{n} new" data-order="New order">
//                                   in the list's parent: lets in what is held back.
//   data-clock                      the time until the next moment, by the server's clock: "4:05", then
//                                   "+0:12". Has the class `warns` from `warns_at` on, then `over`.
//   data-say="…"                    the one element that a screen reader announces; what was said last.
//   data-offline                    is shown while there is no connection.
//   <form data-deed method="post">  is sent by fetch. A button elsewhere belongs to it by form="id", and
//                                   may have a `formaction` (the query of the form's `action` is kept).
//     data-deed="mine"              asks for the personal facts afterwards.
//     data-undo="URL"               where a button that is pressed (aria-pressed="true") sends instead.
//   data-answer                     in the button's <li>, else in the form: what came of it, in words;
//                                   has the class `wrong` where it was refused.
//   class="fresh"                   an item whose buttons are new: a double tap does not press them.
// A deed's answer is {"said": …} or {"error": …}. A session in a frame is told to this module by
// document.dispatchEvent(new CustomEvent("session", {detail: token})).

const page = document.querySelector("[data-events]");
const list = document.getElementById("list");
const held = document.getElementById("held");
const each = (selector, act) => document.querySelectorAll(selector).forEach(act);
let token = "";

// Changing what is there.

function parsed(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

const isSame = (one, other) => one.nodeName === other.nodeName && one.id === other.id;

/** Makes the inside of `there` that of `made`, and keeps the elements that both have. */
function morph(there, made) {
  const wanted = [...made.childNodes];
  wanted.forEach((node, place) => {
    const old = there.childNodes[place];
    if (!old) there.append(node);
    else if (!isSame(old, node)) old.replaceWith(node);
    else if (old.nodeType !== Node.ELEMENT_NODE) {
      if (old.nodeValue !== node.nodeValue) old.nodeValue = node.nodeValue;
    } else if (!old.hasAttribute("data-keep")) {
      takeAttributes(old, node);
      morph(old, node);
    }
  });
  while (there.childNodes.length > wanted.length) there.lastChild.remove();
}

function takeAttributes(there, made) {
  for (const { name } of [...there.attributes])
    if (name !== "open" && !made.hasAttribute(name)) there.removeAttribute(name);
  for (const { name, value } of made.attributes)
    if (there.getAttribute(name) !== value) there.setAttribute(name, value);
}

function setParts(parts) {
  for (const [id, html] of Object.entries(parts)) {
    const part = document.getElementById(id);
    if (part) morph(part, parsed(html));
  }
}

// The list.

const texts = new Map(); // by key the inside of an item
const fresh = new WeakMap(); // by item the timer that ends it
const news = new WeakMap(); // by answer until when no change of its item takes it away
let order = null;
let isMouseInside = false;
let touchedUntil = 0;
let settling = 0;

/** A button that was tapped keeps the focus for ever, though nobody is there any more. */
function isHeld() {
  const focused = document.activeElement;
  const isInside = focused !== list && list.contains(focused);
  const isFocusInside = isInside && focused.matches(":focus-visible");
  return isMouseInside || isFocusInside || performance.now() < touchedUntil;
}

/** What is to stay where it is on the screen, and where that is. */
function whereHeld() {
  if (!list || !isHeld()) return [];
  const at = list.querySelector(":scope > :is(:hover, :focus-within)") ?? list;
  return [at, at.getBoundingClientRect().top];
}

function setItems(items, newOrder) {
  for (const [key, html] of Object.entries(items)) {
    texts.set(key, html);
    const item = document.getElementById(key);
    if (!item) continue;
    const offered = offers(item);
    morph(item, parsed(html));
    if (offers(item) !== offered) freshen(item);
  }
  order = newOrder ?? order;
  if (order && isHeld()) holdBack();
  else if (order) arrange();
}

function offers(item) {
  return [...item.querySelectorAll("button")].map((button) => button.value).join();
}

function freshen(item) {
  const DOUBLE_TAP = 700; // milliseconds; nobody reads a button and presses it in less
  const note = item.querySelector("[data-answer]");
  if (note && performance.now() > (news.get(note) ?? 0)) note.textContent = "";
  item.classList.add("fresh");
  clearTimeout(fresh.get(item));
  fresh.set(item, setTimeout(() => item.classList.remove("fresh"), DOUBLE_TAP));
}

function newItem(key) {
  const item = document.createElement("li");
  item.id = key;
  item.append(parsed(texts.get(key) ?? ""));
  return item;
}

function arrange() {
  const focused = document.activeElement;
  for (const item of [...list.children]) if (!order.includes(item.id)) item.remove();
  order.forEach((key, place) => {
    const item = document.getElementById(key) ?? newItem(key);
    if (list.children[place] !== item) list.insertBefore(item, list.children[place] ?? null);
  });
  for (const key of [...texts.keys()]) if (!order.includes(key)) texts.delete(key);
  if (list.contains(focused)) focused.focus({ preventScroll: true });
  if (held) held.hidden = true;
  mark();
}

/** Only what nobody may read any more goes at once; its place stays. */
function holdBack() {
  const shown = [...list.children];
  for (const item of shown.filter(({ id }) => !order.includes(id))) {
    const isFocused = item.contains(document.activeElement);
    item.style.minHeight = `${item.offsetHeight}px`;
    item.replaceChildren();
    item.tabIndex = -1;
    if (isFocused) item.focus();
  }
  mark();
  if (!held) return;
  const fresh = order.filter((key) => !document.getElementById(key)).length;
  const isOther = shown.length !== order.length || shown.some(({ id }, at) => id !== order[at]);
  held.hidden = !isOther;
  const { one, many, order: other } = held.dataset;
  held.textContent = fresh === 0 ? other : fresh === 1 ? one : many.replace("{n}", fresh);
}

function settleIn(milliseconds) {
  clearTimeout(settling);
  const wait = Math.max(milliseconds, touchedUntil - performance.now() + 100);
  settling = setTimeout(() => {
    if (order && !isHeld()) arrange();
  }, wait);
}

function watchList() {
  const around = list.parentElement;
  const TOUCH = 3000; // for so long after a touch a finger may come down again
  const RESTS = 60_000; // for so long one stays down
  const LEFT = 1000; // as long as it may take from the list to its button
  around.addEventListener("pointerenter", (event) => {
    isMouseInside = event.pointerType === "mouse";
  });
  around.addEventListener("pointerleave", () => {
    isMouseInside = false;
    settleIn(LEFT);
  });
  for (const kind of ["touchstart", "touchmove", "touchend", "touchcancel"])
    around.addEventListener(kind, ({ touches }) => {
      touchedUntil = performance.now() + (touches.length ? RESTS : TOUCH);
      settleIn(0);
    }, { passive: true });
  around.addEventListener("focusout", () => settleIn(LEFT));
  held?.addEventListener("click", () => {
    list.tabIndex = -1;
    list.focus({ preventScroll: true });
    arrange();
  });
}

// The clock.

let moments = null; // by `performance.now()`

function setMoments(seconds) {
  const now = performance.now();
  const later = ([name, value]) => [name, now + value * 1000];
  moments = seconds && Object.fromEntries(Object.entries(seconds).map(later));
  tick();
}

function asTime(seconds) {
  const two = (number) => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const rest = two(seconds % 60);
  return hours ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
}

function tick() {
  const now = performance.now();
  const left = moments ? (moments.until - now) / 1000 : 0;
  const text = left > 0 ? asTime(Math.ceil(left)) : `+${asTime(Math.floor(-left))}`;
  each("[data-clock]", (clock) => {
    clock.hidden = !moments;
    if (clock.textContent !== text) clock.textContent = text;
    clock.classList.toggle("warns", Boolean(moments) && now >= moments.warns_at);
    clock.classList.toggle("over", Boolean(moments) && left <= 0);
  });
}

// The stream.

function told(data) {
  const [at, top] = whereHeld();
  setParts(data.parts ?? {});
  if (list) setItems(data.items ?? {}, data.order);
  if (at?.isConnected) scrollBy(0, at.getBoundingClientRect().top - top);
  if (becameOfOwn() !== known) mineIn(500 + 1500 * Math.random());
  if ("in" in data) setMoments(data.in);
  const live = document.querySelector("[data-say]");
  if (live && data.say !== undefined && live.dataset.say !== data.say)
    live.textContent = live.dataset.say = data.say;
}

let last = "";
let tries = 0;
let source = null;
let isLost = 0;
let hiddenAt = 0;

/** Refused for good, as where a link was revoked: the page itself says so. What else is wrong passes. */
async function isRefused(url) {
  const response = await fetch(url, { method: "HEAD" }).catch(() => null);
  return response?.status === 403;
}

function setConnected(isConnected) {
  const show = (isShown) => each("[data-offline]", (element) => (element.hidden = !isShown));
  if (!isConnected) isLost ||= setTimeout(show, 3000, true);
  else {
    clearTimeout(isLost);
    isLost = 0;
    show(false);
  }
}

function listen() {
  const url = new URL(page.dataset.events, location.href);
  if (last) url.searchParams.set("since", last);
  source?.close();
  source = new EventSource(url);
  source.onopen = () => {
    tries = 0;
    setConnected(true);
  };
  source.onmessage = (event) => {
    last = event.lastEventId;
    told(JSON.parse(event.data));
  };
  source.onerror = async () => {
    setConnected(false);
    // Else the browser itself comes back, with the id of what it heard last.
    if (source.readyState !== EventSource.CLOSED) return;
    if (await isRefused(url)) location.reload();
    else listenLater();
  };
}

/** Pages that lost the server together do not come back together. */
function listenLater() {
  setTimeout(listen, Math.min(30_000, 1000 * 2 ** tries++) * (0.5 + Math.random()));
}

/** The clock stands still in a phone that sleeps. */
function wake() {
  const ASLEEP = 30_000; // milliseconds
  if (document.hidden) hiddenAt = Date.now();
  else if (Date.now() - hiddenAt > ASLEEP) {
    last = "";
    listen();
  }
}

// What is of this person alone: {"parts": …, "pressed": [keys], "own": [keys], "again": seconds}.

let [pressed, own] = [new Set(), new Set()];
let asking = 0;
let known = ""; // what had become of the own questions

async function mine() {
  if (!page.dataset.mine) return;
  clearTimeout(asking);
  const facts = await fetched(page.dataset.mine).catch(() => null);
  if (facts?.parts) setParts(facts.parts);
  if (facts?.pressed) [pressed, own] = [new Set(facts.pressed), new Set(facts.own)];
  known = becameOfOwn();
  mark();
  if (facts?.again) mineIn(facts.again * 1000 + 3000 * Math.random()); // not all of a hall at once
}

function mineIn(milliseconds) {
  clearTimeout(asking);
  asking = setTimeout(mine, milliseconds);
}

function becameOfOwn() {
  const became = (key) => {
    const item = (order?.includes(key) ?? true) && document.getElementById(key);
    return item ? (item.querySelector(".state")?.textContent ?? "open") : "";
  };
  return [...own].map(became).join();
}

function mark() {
  if (!page.dataset.mine) return;
  page.classList.toggle("known", Boolean(document.getElementById("vote")));
  for (const item of list?.children ?? []) {
    item.classList.toggle("own", own.has(item.id));
    const button = item.querySelector("[aria-pressed]");
    button?.setAttribute("aria-pressed", pressed.has(item.id));
  }
}

// Forms.

const acts = new Map(); // by deed the id under which it is done once, until an answer came
const sent = new Set();

function newAct() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Raises where there is no answer that can be read. */
async function fetched(url, body) {
  const headers = { Accept: "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  const method = body ? "POST" : "GET";
  const options = { method, headers, body: body && new URLSearchParams(body) };
  const response = await fetch(url, options);
  return { ...(await response.json()), isDone: response.ok };
}

/** The same once more, where the answer was lost: by its id it is done once. */
async function insistent(url, body) {
  for (const wait of [300, 1500, 4000]) {
    try {
      return await fetched(url, body);
    } catch {
      await new Promise((resume) => setTimeout(resume, wait));
    }
  }
  return fetched(url, body);
}

function addressOf(form, button) {
  const own = new URL(form.getAttribute("action"), location.href);
  const isPressed = button?.getAttribute("aria-pressed"); // null: it is none that stays pressed
  const undo = isPressed === "true" ? form.dataset.undo : null;
  const named = isPressed ? undo : button?.getAttribute("formaction");
  const url = named ? new URL(named, location.href) : own;
  url.search ||= own.search;
  return url.href;
}

function answer(form, button, text, isWrong) {
  const near = button?.closest("li")?.querySelector("[data-answer]");
  const place = near ?? form.querySelector("[data-answer]");
  if (!place) return;
  news.set(place, performance.now() + 3000);
  place.textContent = text ?? "";
  place.classList.toggle("wrong", isWrong);
}

async function send(form, button) {
  const body = new URLSearchParams(new FormData(form));
  body.delete("act");
  if (button?.name) body.append(button.name, button.value);
  const url = addressOf(form, button);
  const deed = `${url} ${body}`;
  if (sent.has(deed)) return;
  if (!acts.has(deed)) acts.set(deed, newAct());
  body.set("act", acts.get(deed));
  sent.add(deed);
  button?.setAttribute("aria-busy", "true");
  try {
    const { said, error, isDone } = await insistent(url, body);
    acts.delete(deed);
    answer(form, button, error ?? said, !isDone);
    if (isDone) done(form, button);
    else if (form.dataset.undo) mine(); // what stays pressed may have been undone elsewhere
  } catch {
    answer(form, button, page.dataset.lost, true);
  } finally {
    sent.delete(deed);
    button?.removeAttribute("aria-busy");
  }
}

function done(form, button) {
  const item = button?.closest("#list > li");
  if (item && button.hasAttribute("aria-pressed")) {
    if (!pressed.delete(item.id)) pressed.add(item.id);
    mark();
    freshen(item);
  }
  if (form.querySelector("textarea")) form.reset();
  if (form.dataset.deed === "mine") mine();
}

document.addEventListener("submit", (event) => {
  if (!page || !event.target.matches("form[data-deed]")) return;
  event.preventDefault();
  if (!event.submitter?.closest(".fresh")) send(event.target, event.submitter);
});

document.addEventListener("session", (event) => {
  token = event.detail;
  if (page) mine();
});

if (page) {
  if (list) watchList();
  setInterval(tick, 250);
  document.addEventListener("visibilitychange", wake);
  listen();
  mine();
}
