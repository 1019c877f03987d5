// A stream on which nothing comes: what stands between may keep a connection open for ever.

const LONGEST = 50_000; // milliseconds; there is a beat each 20 s (web/streams.py)
let timer = 0;

/** Has `then` called once nothing is heard for too long. */
export function heard(then) {
  clearTimeout(timer);
  timer = setTimeout(then, LONGEST);
}

/** Nobody listens any more. */
export function deaf() {
  clearTimeout(timer);
}
