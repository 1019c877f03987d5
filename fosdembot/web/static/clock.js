// The time until the next moment, by the server's clock.
//   data-clock   "4:05", then "+0:12". Has the class `warns` from `warns_at` on, then `over`.

let moments = null; // by `performance.now()`

export function setMoments(seconds) {
  const now = performance.now();
  const later = ([name, value]) => [name, now + value * 1000];
  moments = seconds && Object.fromEntries(Object.entries(seconds).map(later));
  tick();
}

function asTime(seconds) {
  const two = (number) => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const rest = two(seconds % 60);
  return hours ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
}

export function tick() {
  const now = performance.now();
  const left = moments ? (moments.until - now) / 1000 : 0;
  const text = left > 0 ? asTime(Math.ceil(left)) : `+${asTime(Math.floor(-left))}`;
  for (const clock of document.querySelectorAll("[data-clock]")) {
    clock.hidden = !moments;
    if (clock.textContent !== text) clock.textContent = text;
    clock.classList.toggle("warns", Boolean(moments) && now >= moments.warns_at);
    clock.classList.toggle("over", Boolean(moments) && left <= 0);
  }
}
