// Looks whether the code on this page was typed in the chat, and shows what the page says then.
// Without this module one reloads it.

const EVERY = 3000; // milliseconds
const main = document.querySelector("[data-state]");
document.querySelector("[data-waiting]").hidden = false;
document.querySelector("[data-reload]").hidden = true;

async function look() {
  try {
    const answer = await fetch(main.dataset.state, { cache: "no-store" });
    if (answer.ok && (await answer.json()).state !== "code") {
      location.reload();
      return;
    }
  } catch {
    // No connection: perhaps there is one next time.
  }
  setTimeout(look, EVERY);
}

setTimeout(look, EVERY);

// Phones copy the command at a tap, where the page came by https.
const copy = document.querySelector("[data-copy]");
copy.parentElement.hidden = !navigator.clipboard;
copy.onclick = async () => {
  await navigator.clipboard.writeText(document.querySelector(".code").textContent.trim());
  const said = document.querySelector("[data-copied]");
  said.textContent = said.dataset.copied;
};
