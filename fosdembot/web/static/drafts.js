// Keeps the question that somebody types until it is asked: over a reload, a log-in, a talk that goes to
// another room. It stays in this tab.

const KEPT = "fosdembot-draft";

const field = () => document.querySelector("#ask textarea");

/** The room, and the talk where one is named. */
function places() {
  const { form } = field();
  return [form.getAttribute("action"), form.elements.talk?.value].filter(Boolean);
}

/** What was typed here before; a browser may keep nothing in a frame. */
function kept() {
  try {
    const { typed, at } = JSON.parse(sessionStorage.getItem(KEPT));
    return places().some((place) => at.includes(place)) ? typed : "";
  } catch {
    return "";
  }
}

export function keepDraft() {
  if (!field()) return;
  try {
    const typed = field().value;
    if (typed) sessionStorage.setItem(KEPT, JSON.stringify({ typed, at: places() }));
    else if (kept()) sessionStorage.removeItem(KEPT);
  } catch {}
}

/** Where somebody may ask, what they were about to ask is there. */
export function restoreDraft() {
  if (!field() || field().value) return;
  const typed = kept();
  if (!typed) return;
  field().value = typed;
  field().closest("details").open = true;
  sessionStorage.removeItem(KEPT);
}

export function keepDrafts() {
  restoreDraft();
  addEventListener("pagehide", keepDraft);
}
