// Speaks with the Matrix client in whose frame this page is a widget (Widget API v2), to learn who
// looks at it. Without a client, and where it says nothing, everything can still be read.
//
// What attributes do:
//   <script id="widget" data-framed-by="ORIGIN …"   whom we listen to: nobody else frames this page;
//     data-login="URL"                              where a token of the client is traded for a
//                                                   session of ours (POST);
//     data-blocked="…" data-lost="…">               what to say where there is no token.
//   data-join                       the button by which somebody takes part; hidden without a client
//   data-join-answer                what came of it, in words.
// The session stays in this module and in requests.js, in memory alone.

const { framedBy, login, blocked, lost } = document.getElementById("widget").dataset;
const origins = framedBy.split(" ").filter(Boolean);
const query = new URLSearchParams(location.search);
let widgetId = query.get("widgetId") ?? ""; // gone where somebody followed a link of ours
const JOINED = "org.fosdembot.joined"; // kept for this browser: they need no button any more
const SLOWEST = 20_000; // milliseconds, in which their homeserver is asked as well
const VERSIONS = ["0.0.1", "0.0.2"];

let client = clientOf(query.get("parentUrl") ?? "");
let isMet = false;
let isJoining = false;
const waiting = new Map(); // by the id of a request what its answer is given to
const tokens = new Map(); // by the id of a request what a token that comes later is given to

/** The address says who frames us; only one of those is believed who may. */
function clientOf(url) {
  return origins.find((origin) => url === origin || url.startsWith(`${origin}/`)) ?? "";
}

function post(message) {
  for (const origin of client ? [client] : origins) window.parent.postMessage(message, origin);
}

function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Resolves to the client's answer; rejects where none comes. */
function request(action, data, requestId = newId()) {
  const seconds = 10;
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      waiting.delete(requestId);
      reject(new Error(action));
    }, seconds * 1000);
    waiting.set(requestId, (response) => {
      clearTimeout(late);
      resolve(response);
    });
    post({ api: "fromWidget", widgetId, requestId, action, data });
  });
}

// What the client asks.

const answers = {
  capabilities: () => ({ capabilities: [] }), // it needs none
  notify_capabilities: () => ({}),
  supported_api_versions: () => ({ supported_versions: VERSIONS }),
  openid_credentials: (data) => {
    tokens.get(data?.original_request_id)?.(data);
    return {};
  },
  visibility: () => ({}),
  theme_change: () => ({}),
  widget_config: () => ({}),
};

function answered(message) {
  const answer = Object.hasOwn(answers, message.action) ? answers[message.action] : null;
  const response = answer ? answer(message.data) : { error: { message: "Not known here" } };
  post({ ...message, response });
}

window.addEventListener("message", ({ data, origin, source }) => {
  if (source !== window.parent || !origins.includes(origin)) return;
  if (typeof data !== "object" || data === null || typeof data.requestId !== "string") return;
  if (widgetId && data.widgetId !== widgetId) return;
  client = origin;
  widgetId ||= String(data.widgetId);
  if (data.api === "fromWidget" && data.response) {
    waiting.get(data.requestId)?.(data.response);
    waiting.delete(data.requestId);
  } else if (data.api === "toWidget" && typeof data.action === "string" && !data.response) {
    answered(data);
    meet();
  }
});

// Taking part.

/** A token by which our bot can ask the homeserver who looks; null where they do not want that. */
async function openid() {
  const id = newId();
  const later = new Promise((resolve) => tokens.set(id, resolve));
  try {
    const { state, ...token } = await request("get_openid", {}, id);
    if (state === "allowed") return token;
    if (state === "blocked") return null;
    if (state !== "request") throw new Error("get_openid");
    const decided = await later; // as long as they think about it
    return decided.state === "allowed" ? decided : null;
  } finally {
    tokens.delete(id);
  }
}

/** Trades the token for a session. It is used at once, and kept nowhere. */
async function traded({ access_token, matrix_server_name }) {
  const { token, error } = await fetch(login, {
    method: "POST",
    headers: { Accept: "application/json" },
    body: new URLSearchParams({ access_token, matrix_server_name }),
    signal: AbortSignal.timeout(SLOWEST),
  })
    .then((response) => response.json())
    .catch(() => ({}));
  if (!token) throw new Error(error ?? lost);
  return token;
}

function say(text) {
  for (const place of document.querySelectorAll("[data-join-answer]")) place.textContent = text;
}

/** "": nobody is known. */
function tell(detail) {
  document.dispatchEvent(new CustomEvent("session", { detail }));
}

/** A session lasts for a day, and a client is open for longer. */
async function joinAnew() {
  if (!isJoining && !(await join())) tell("");
}

async function join() {
  if (isJoining) return;
  isJoining = true;
  say("");
  try {
    const token = await openid().catch(() => Promise.reject(new Error(lost)));
    remember(Boolean(token));
    if (!token) return say(blocked);
    tell(await traded(token));
    return true;
  } catch ({ message }) {
    say(message || lost);
  } finally {
    isJoining = false;
  }
}

/** Where a frame may keep nothing, they tap the button each time. */
function remember(hasJoined) {
  try {
    if (hasJoined) localStorage.setItem(JOINED, "1");
    else localStorage.removeItem(JOINED);
  } catch {}
}

function hasJoined() {
  try {
    return localStorage.getItem(JOINED) !== null;
  } catch {
    return false;
  }
}

/** Once a client speaks with us, one may take part by it. */
function meet() {
  if (isMet) return;
  isMet = true;
  document.documentElement.classList.add("in-client");
  if (hasJoined()) join();
}

document.addEventListener("session-over", joinAnew);
document.addEventListener("click", ({ target }) => {
  if (target.closest?.("[data-join]")) join();
});

if (window.parent !== window) request("content_loaded", {}).catch(() => {});
