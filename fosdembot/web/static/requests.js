// Asks the server, as the person who looks at the page: by cookie, or in a frame by the session that
// document.dispatchEvent(new CustomEvent("session", {detail: token})) tells. Where one has ended that was
// good, "session-over" is dispatched, and whoever hears it tells another, or "".

const SLOWEST = 8000; // milliseconds for an answer, also where a network says nothing at all
const AGAIN = [300, 1500]; // milliseconds before each further try
const ANEW = 5000; // milliseconds that another session may take, if nobody has to be asked for it

let token = "";
let wasGood = false;
let changed;
let change = new Promise((resolve) => (changed = resolve));

document.addEventListener("session", (event) => {
  token = event.detail;
  wasGood = false;
  changed();
  change = new Promise((resolve) => (changed = resolve));
});

/** What an answer says of the session. */
function heed(response, used) {
  if (!used || used !== token) return;
  if (response.ok) wasGood = true;
  else if (response.status !== 401) return;
  else if (wasGood) document.dispatchEvent(new Event("session-over"));
  else document.dispatchEvent(new CustomEvent("session", { detail: "" }));
}

/** Raises where there is no answer that can be read. */
export async function fetched(url, body) {
  const headers = { Accept: "application/json" };
  const used = token;
  if (used) headers.Authorization = `Bearer ${used}`;
  const method = body ? "POST" : "GET";
  const waiting = new AbortController();
  const timer = setTimeout(() => waiting.abort(), SLOWEST);
  const options = { method, headers, signal: waiting.signal, body: body && new URLSearchParams(body) };
  try {
    const response = await fetch(url, options);
    if (response.status === 503) throw new Error("the bot starts");
    const answer = { ...(await response.json()), isDone: response.ok };
    heed(response, used);
    return { ...answer, isOver: used !== "" && response.status === 401 };
  } finally {
    clearTimeout(timer);
  }
}

async function tried(url, body) {
  for (const wait of AGAIN) {
    try {
      return await fetched(url, body);
    } catch {
      await new Promise((resume) => setTimeout(resume, wait));
    }
  }
  return fetched(url, body);
}

/** The same once more, where the answer was lost or the session has ended: by its id it is done once. */
export async function insistent(url, body) {
  const anew = change;
  const answer = await tried(url, body);
  if (!answer.isOver) return answer;
  await Promise.race([anew, new Promise((resume) => setTimeout(resume, ANEW))]);
  return token ? tried(url, body) : answer;
}
