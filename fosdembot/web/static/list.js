// The list of a page, under a pointer, a finger and the focus.
//   <ol id="list"><li id="q12">     the list (`items`, `order`). While the pointer or the focus is in
//                                   its parent, nothing moves, comes or goes; texts change at once.
//   <button id="held" hidden data-one="1 new" data-many="{n} new" data-order="New order">
//                                   in the list's parent: lets in what is held back.
//   class="fresh"                   an item whose buttons or words are new: a tap that was meant for what
//                                   was there before does not press them.
//   class="moved"                   an item that has just come where it is: no finger meant it.
//   data-answer                     in an item: goes when other buttons come, unless it is new.

import { mark } from "./mine.js";
import { morph, parsed } from "./parts.js";

export const DOUBLE_TAP = 700; // milliseconds; nobody reads a button and presses it in less
const list = document.getElementById("list");
const held = document.getElementById("held");
const texts = new Map(); // by key the inside of an item
const fresh = new WeakMap(); // by item the timer that ends it
const moved = new WeakMap(); // the same
const answered = new WeakMap(); // by answer until when no change of its item takes it away
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
export function whereHeld() {
  if (!list || !isHeld()) return [];
  const at = list.querySelector(":scope > :is(:hover, :focus-within)") ?? list;
  return [at, at.getBoundingClientRect().top];
}

export function setItems(items, newOrder) {
  if (!list) return;
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

/** What somebody decides about who presses a button of it: what the button does, and to which words. */
function offers(item) {
  const words = item.querySelector(".text")?.textContent;
  return [...item.querySelectorAll("button")].map((button) => button.value).join() + words;
}

export function freshen(item) {
  const note = item.querySelector("[data-answer]");
  if (note && performance.now() > (answered.get(note) ?? 0)) note.textContent = "";
  item.classList.add("fresh");
  clearTimeout(fresh.get(item));
  fresh.set(item, setTimeout(() => item.classList.remove("fresh"), DOUBLE_TAP));
}

/** Where the items are, before something changes; of no page on which one only votes: that can be taken
 * back, and many vote at once. */
export function places() {
  const decides = list?.querySelector("button:not([aria-pressed])");
  return new Map(decides && [...list.children].map((item) => [item, item.getBoundingClientRect().top]));
}

/** Who taps now was about to tap what was there before. */
export function guardMoved(before) {
  if (!before.size) return;
  for (const item of list.children) {
    const by = item.getBoundingClientRect().top - (before.get(item) ?? Infinity);
    if (Math.abs(by) < 8) continue; // pixels
    item.classList.add("moved");
    clearTimeout(moved.get(item));
    moved.set(item, setTimeout(() => item.classList.remove("moved"), DOUBLE_TAP));
  }
}

/** What came of a deed stays to be read. */
export function keepAnswer(note) {
  answered.set(note, performance.now() + 3000);
}

function newItem(key) {
  const item = document.createElement("li");
  item.id = key;
  item.append(parsed(texts.get(key) ?? ""));
  return item;
}

function arrange() {
  const [focused, before] = [document.activeElement, places()];
  for (const item of [...list.children]) if (!order.includes(item.id)) item.remove();
  order.forEach((key, place) => {
    const item = document.getElementById(key) ?? newItem(key);
    if (list.children[place] !== item) list.insertBefore(item, list.children[place] ?? null);
  });
  for (const key of [...texts.keys()]) if (!order.includes(key)) texts.delete(key);
  if (list.contains(focused)) focused.focus({ preventScroll: true });
  if (held) held.hidden = true;
  mark();
  guardMoved(before);
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

export function watchList() {
  if (!list) return;
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
