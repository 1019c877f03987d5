"use strict";
(() => {
  const MOST = 100;
  const {talks, questions} = JSON.parse(document.getElementById("data").textContent);
  const form = document.getElementById("search");
  const field = document.getElementById("words");
  const status = document.getElementById("found");
  const list = document.getElementById("results");
  // "Zürich" is found by "zurich".
  const plain = text => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  let texts = null;

  const around = (text, word) => {
    const at = Math.max(0, plain(text).indexOf(word) - 60);
    const cut = text.slice(at, at + 200);
    return (at > 0 ? "…" : "") + cut + (at + 200 < text.length ? "…" : "");
  };
  const result = ([talk, number, text, ...answers], words) => {
    const [name, title, where] = talks[talk];
    const link = document.createElement("a");
    link.href = `${encodeURIComponent(name)}/index.html#question-${number}`;
    link.textContent = text;
    const place = document.createElement("span");
    place.textContent = `${title}, ${where}`;
    const item = document.createElement("li");
    item.append(link, place);
    const answer = answers.find(each => words.some(word => plain(each).includes(word)));
    if (answer) {
      const quote = document.createElement("q");
      quote.textContent = around(answer, words.find(word => plain(answer).includes(word)));
      item.append(quote);
    }
    return item;
  };
  const search = () => {
    // Made at the first letter, not while the page is opened.
    texts ??= questions.map(([talk, , ...said]) => plain([talks[talk][1], ...said].join("\n")));
    const words = plain(field.value).split(/\s+/).filter(Boolean);
    const found = [];
    if (words.length) {
      texts.forEach((text, at) => words.every(word => text.includes(word)) && found.push(at));
    }
    list.replaceChildren(...found.slice(0, MOST).map(at => result(questions[at], words)));
    const {none, one, many, more} = form.dataset;
    const said = !found.length ? none : found.length === 1 ? one : found.length > MOST ? more : many;
    status.textContent = words.length
      ? said.replace("{number}", found.length.toLocaleString("en")).replace("{shown}", MOST)
      : "";
  };
  form.addEventListener("submit", event => { event.preventDefault(); search(); });
  field.addEventListener("input", search);
  form.hidden = false;
  if (field.value) search();
})();
