// Keys on a talk's pages. They act only while the list of questions has the focus, or something in
// it, and can be switched off (WCAG 2.2, 2.1.4). A presenter's clicker sends Page Down.
//
// What attributes do:
//   data-key="n PageDown"   on a button: these keys press it. One in the question that has the focus
//                           comes before one elsewhere.
//   <input id="keys">       switches them off, and remembers it.
//   id="keys-help"          is shown where this module runs.

const list = document.getElementById("list");
const isOn = document.getElementById("keys");
const KEPT = "fosdembot-keys";

/** What a browser keeps may be out of reach, as in some frames. */
function kept(value) {
  try {
    if (value !== undefined) localStorage.setItem(KEPT, value);
    return localStorage.getItem(KEPT);
  } catch {
    return null;
  }
}

function step(by) {
  const items = [...list.children];
  const at = items.findIndex((item) => item.contains(document.activeElement));
  const item = items[Math.min(Math.max(at + by, 0), items.length - 1)];
  if (!item) return;
  item.tabIndex = -1;
  item.focus();
}

function buttonFor(key) {
  const has = (button) => button.dataset.key.split(" ").includes(key);
  const here = document.activeElement.closest?.("#list > li");
  const near = here ? [...here.querySelectorAll("button[data-key]")] : [];
  const bar = [...document.querySelectorAll("#talk-bar button[data-key]")];
  return near.find(has) ?? bar.find(has);
}

function pressed(event) {
  const isOurs = isOn.checked && !event.ctrlKey && !event.altKey && !event.metaKey;
  if (!isOurs || event.target.matches("input, textarea, select")) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    step(event.key === "ArrowDown" ? 1 : -1);
    return;
  }
  const button = buttonFor(event.key.length === 1 ? event.key.toLowerCase() : event.key);
  if (!button) return;
  event.preventDefault();
  if (event.repeat) return;
  // Whoever decides wants to see the list as it is then, and what is being answered.
  list.focus({ preventScroll: true });
  document.getElementById("talk-now").scrollIntoView({ block: "nearest" });
  button.form.requestSubmit(button);
}

if (list && isOn) {
  document.getElementById("keys-help").hidden = false;
  isOn.checked = kept() !== "off";
  isOn.addEventListener("change", () => kept(isOn.checked ? "on" : "off"));
  list.addEventListener("keydown", pressed);
}
