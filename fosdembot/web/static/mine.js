// What a page shows of one person alone: {"parts": …, "pressed": [keys], "own": [keys],
// "again": seconds}.
//   <main data-mine="URL">   where to ask for it.
//   id="guests"              hidden: what guests may do, which the stream changes.
// Has the class `known` where they may vote, an item of the list `own` where they asked it.

import { keepDraft, restoreDraft } from "./drafts.js";
import { setParts } from "./parts.js";
import { fetched } from "./requests.js";

const LOST = 15_000; // milliseconds until what was not answered is asked again
const RESTS = 5_000; // milliseconds; who comes back sooner has done nothing elsewhere
const HALL = 8_000; // milliseconds within which all of a hall ask: a rule is changed for thousands at once
const page = document.querySelector("[data-mine]");
let [pressed, own] = [new Set(), new Set()];
let [known, knownRule] = [decided(), rule()]; // when it was asked for last
let presses = 0;
let [turns, shown] = [0, 0]; // how often it was asked for, and which of these answers is shown
let asking = null; // the timer of the next time
let asksAt = 0;
let askedAt = -Infinity;

export async function mine() {
  if (!page?.dataset.mine) return;
  clearTimeout(asking);
  asking = null;
  askedAt = performance.now();
  const before = presses;
  const turn = ++turns;
  const facts = await fetched(page.dataset.mine).catch(() => null);
  if (turn < shown) return; // a newer answer came first
  if (facts?.isDone) shown = turn;
  // What was pressed meanwhile is not in it.
  if (before !== presses) return mineIn(500);
  if (facts?.parts) {
    keepDraft();
    setParts(facts.parts);
    restoreDraft();
  }
  if (facts?.pressed) [pressed, own] = [new Set(facts.pressed), new Set(facts.own)];
  [known, knownRule] = [decided(), rule()];
  mark();
  if (!facts?.isDone) mineIn(LOST);
  else if (facts.again) mineIn(facts.again * 1000 + 3000 * Math.random()); // not all of a hall at once
}

/** Unless it is asked sooner. */
function mineIn(milliseconds) {
  const at = performance.now() + milliseconds;
  if (asking && asksAt <= at) return;
  clearTimeout(asking);
  asksAt = at;
  asking = setTimeout(mine, milliseconds);
}

/** Something is another way for all: perhaps for this person as well. */
export function mineIfOthersActed() {
  if (decided() !== known) mineIn(500 + 1500 * Math.random());
  else if (rule() !== knownRule) mineIn(500 + HALL * Math.random());
}

/** Who comes back may have asked or voted elsewhere, in the chat mostly. */
export function mineOnReturn() {
  if (performance.now() - askedAt > RESTS) mine();
}

/** What guests may do. */
function rule() {
  return document.getElementById("guests")?.textContent;
}

/** What others decide, and a page can see of it: what becomes of own questions. */
function decided() {
  const became = (key) => {
    const item = document.getElementById(key);
    return item?.firstChild ? (item.querySelector(".state")?.textContent ?? "open") : "";
  };
  return [...own].map(became).join();
}

/** They voted for the question of this item, or do not any more. */
export function press(item) {
  presses += 1;
  if (!pressed.delete(item.id)) pressed.add(item.id);
  mark();
}

export function mark() {
  if (!page?.dataset.mine) return;
  page.classList.toggle("known", Boolean(document.getElementById("vote")));
  for (const item of document.querySelectorAll("#list > li")) {
    item.classList.toggle("own", own.has(item.id));
    const button = item.querySelector("[aria-pressed]");
    button?.setAttribute("aria-pressed", pressed.has(item.id));
  }
}
