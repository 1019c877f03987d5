// Changes what is on a page, and keeps the elements that stay: the focus, what was typed, and whether
// <details> are open. One that has an id is known by it, wherever it stands then.
//   data-keep   inside a part: the stream leaves this element as it is.

export function parsed(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

const isSame = (one, other) => one.nodeName === other.nodeName && one.id === other.id;

/** Makes the inside of `there` that of `made`, and keeps the elements that both have. */
export function morph(there, made) {
  const wanted = [...made.childNodes];
  const stays = new Set(wanted.map(({ id }) => id).filter(Boolean));
  wanted.forEach((node, place) => {
    const kept = node.id && [...there.childNodes].slice(place).find((each) => isSame(each, node));
    // What stands before it goes.
    while (kept && there.childNodes[place] !== kept && !stays.has(there.childNodes[place].id))
      there.childNodes[place].remove();
    const old = there.childNodes[place];
    if (!old) there.append(node);
    else if (!isSame(old, node)) {
      if (stays.has(old.id)) old.before(node);
      else old.replaceWith(node);
    } else if (old.nodeType !== Node.ELEMENT_NODE) {
      if (old.nodeValue !== node.nodeValue) old.nodeValue = node.nodeValue;
    } else if (!old.hasAttribute("data-keep")) {
      takeAttributes(old, node);
      morph(old, node);
    }
  });
  while (there.childNodes.length > wanted.length) there.lastChild.remove();
}

function takeAttributes(there, made) {
  for (const { name } of [...there.attributes])
    if (name !== "open" && !made.hasAttribute(name)) there.removeAttribute(name);
  for (const { name, value } of made.attributes)
    if (name !== "open" && there.getAttribute(name) !== value) there.setAttribute(name, value);
}

export function setParts(parts) {
  for (const [id, html] of Object.entries(parts)) {
    const part = document.getElementById(id);
    if (part) morph(part, parsed(html));
  }
}
