// Sends a page's forms, each once, and says what came of it.
//   <form data-deed method="post">  is sent by fetch. A button elsewhere belongs to it by form="id", and
//                                   may have a `formaction` (the query of the form's `action` is kept).
//     data-deed="mine"              asks for the personal facts afterwards.
//     data-then="PATH"              the page on which to go on afterwards; what came of it is said there.
//     data-undo="URL"               where a button that is pressed (aria-pressed="true") sends instead.
//   data-answer                     in the button's <li>, else in the form: what came of it, in words;
//                                   has the class `wrong` where it was refused.
//   <main data-lost="…">            what to say where no answer came.
// A deed's answer is {"said": …} or {"error": …}.

import { DOUBLE_TAP, freshen, keepAnswer } from "./list.js";
import { mine, press } from "./mine.js";
import { insistent } from "./requests.js";

const FINGER = 24; // pixels
const SAID = "fosdembot-said"; // kept from a page for the next one
const acts = new Map(); // by deed the id under which it is done once, until an answer says so
const sent = new Set();
let lost = "";
let tap = { at: -Infinity, x: 0, y: 0 };

function newAct() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
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
  keepAnswer(place);
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
  const typed = form.querySelector("textarea")?.value;
  try {
    const { said, error, isDone } = await insistent(url, body);
    // Refused the second time, it may have been done the first.
    if (isDone) acts.delete(deed);
    if (isDone && form.dataset.then) return goOn(form.dataset.then, said);
    answer(form, button, error ?? said, !isDone);
    if (isDone) done(form, button, typed);
    else mine(); // what stays pressed may have been undone elsewhere, and somebody logged out
  } catch {
    answer(form, button, lost, true);
  } finally {
    sent.delete(deed);
    button?.removeAttribute("aria-busy");
  }
}

/** A browser that keeps nothing shows the list alone, in which it stands as well. */
function goOn(path, said) {
  try {
    sessionStorage.setItem(SAID, said);
  } catch {}
  location.replace(path);
}

function sayWhatCame() {
  try {
    const said = sessionStorage.getItem(SAID);
    sessionStorage.removeItem(SAID);
    const place = document.querySelector("#doing > [data-answer]");
    if (said && place) place.textContent = said;
  } catch {}
}

function done(form, button, typed) {
  const item = button?.closest("#list > li");
  if (item && button.hasAttribute("aria-pressed")) {
    press(item);
    freshen(item);
  }
  const field = form.querySelector("textarea");
  // What was typed since is another question.
  if (field && field.value === typed) form.reset();
  if (form.dataset.deed === "mine") mine();
}

/** What is under the finger at its second tap may be another button, or the same for something else.
 * Keys press what is meant; votes are taken back by a tap, and stay where they are. */
function isSecondTap(event) {
  const button = event.target.closest("button");
  const isDeed = button?.form?.matches("form[data-deed]") && !button.hasAttribute("aria-pressed");
  if (!isDeed || event.detail === 0) return false;
  const before = tap;
  tap = { at: performance.now(), x: event.clientX, y: event.clientY };
  const isSamePlace = Math.hypot(tap.x - before.x, tap.y - before.y) < FINGER;
  return isSamePlace && tap.at - before.at < DOUBLE_TAP;
}

export function takeDeeds(page) {
  lost = page.dataset.lost;
  sayWhatCame();
  document.addEventListener("click", (event) => {
    if (isSecondTap(event)) event.preventDefault();
  });
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-deed]")) return;
    event.preventDefault();
    if (!event.submitter?.closest(".fresh")) send(event.target, event.submitter);
  });
}
