// Asks the server, as the person who looks at the page: by cookie, or in a frame by the session that
// document.dispatchEvent(new CustomEvent("session", {detail: token})) tells.

const SLOWEST = 8000; // milliseconds for an answer, also where a network says nothing at all
const AGAIN = [300, 1500]; // milliseconds before each further try

let token = "";

document.addEventListener("session", (event) => {
  token = event.detail;
});

/** Raises where there is no answer that can be read. */
export async function fetched(url, body) {
  const headers = { Accept: "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  const method = body ? "POST" : "GET";
  const waiting = new AbortController();
  const timer = setTimeout(() => waiting.abort(), SLOWEST);
  const options = { method, headers, signal: waiting.signal, body: body && new URLSearchParams(body) };
  try {
    const response = await fetch(url, options);
    if (response.status === 503) throw new Error("the bot starts");
    return { ...(await response.json()), isDone: response.ok };
  } finally {
    clearTimeout(timer);
  }
}

/** The same once more, where the answer was lost: by its id it is done once. */
export async function insistent(url, body) {
  for (const wait of AGAIN) {
    try {
      return await fetched(url, body);
    } catch {
      await new Promise((resume) => setTimeout(resume, wait));
    }
  }
  return fetched(url, body);
}
