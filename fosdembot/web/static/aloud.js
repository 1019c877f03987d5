// Read aloud: the question that somebody is reading stays until it is asked, skipped or gone, however
// many votes others get meanwhile.
//
// In the part #talk-aloud, which the stream changes (parts.js):
//   #reading data-question="ID"       what is shown; the stream leaves it as it is, unless whoever asked it
//                                     has written it anew.
//   #ahead data-question="ID"         hidden: the best question now.
//     data-waiting="ID ID …"          those that wait.
// Outside: <button id="other">        shows what is ahead.

import { freshen } from "./list.js";

const part = document.getElementById("talk-aloud");
const other = document.getElementById("other");

function show() {
  const [reading, ahead] = [part.querySelector("#reading"), part.querySelector("#ahead")];
  reading.replaceChildren(...ahead.cloneNode(true).childNodes);
  reading.dataset.question = ahead.dataset.question;
  freshen(reading);
  other.hidden = true;
}

function look() {
  const [reading, ahead] = [part.querySelector("#reading"), part.querySelector("#ahead")];
  const isOther = reading?.dataset.question !== ahead?.dataset.question;
  const waits = ahead?.dataset.waiting.split(" ").includes(reading.dataset.question);
  const isEdited = !isOther && reading && reading.textContent !== ahead.textContent;
  other.hidden = !(isOther && waits);
  if (isEdited || (isOther && !waits)) show();
}

if (part) {
  const all = { subtree: true, childList: true, attributes: true, characterData: true };
  new MutationObserver(look).observe(part, all);
  other.addEventListener("click", show);
}
