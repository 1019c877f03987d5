// Looks whether the code on this page was typed in the chat, and shows what the page says then.
// Without this module one reloads it.

import { fetched } from "./requests.js";

const EVERY = 3000; // milliseconds
const main = document.querySelector("[data-state]");
document.querySelector("[data-waiting]").hidden = false;
document.querySelector("[data-reload]").hidden = true;

let looked = false;

async function look() {
  try {
    const { state, isDone } = await fetched(main.dataset.state);
    if (isDone) {
      // The cookie came with this page and ends with the code: one that is missing at once was not kept, and
      // a reload would bring another code for ever.
      if (state === "no_cookie" && !looked) return location.replace(main.dataset.noCookie);
      looked = true;
      if (state !== "code") return location.reload();
    }
  } catch {
    // No connection: perhaps there is one next time.
  }
  setTimeout(look, EVERY);
}

look();

// Phones copy the command at a tap, where the page came by https.
const copy = document.querySelector("[data-copy]");
copy.parentElement.hidden = !navigator.clipboard;
copy.onclick = async () => {
  const code = document.querySelector(".code");
  try {
    await navigator.clipboard.writeText(code.textContent.trim());
  } catch {
    return getSelection().selectAllChildren(code); // then one copies it by hand
  }
  const said = document.querySelector("[data-copied]");
  said.textContent = said.dataset.copied;
};
