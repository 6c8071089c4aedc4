/** Keeps what is on the screen in step with what it shows, without touching what did not change. */

/**
 * Makes the children of `parent` one element per item, in order. An element stays the same as long as its key is there,
 * so that focus, selection and animations do.
 * @template T
 * @param {Element} parent
 * @param {T[]} items
 * @param {(item: T) => string} key
 * @param {() => Element} make
 * @param {(element: Element, item: T) => void} update
 */
export function keyed(parent, items, key, make, update) {
  const old = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  let place = parent.firstElementChild;
  for (const item of items) {
    const name = key(item);
    let element = old.get(name);
    old.delete(name);
    if (!element) {
      element = make();
      element.dataset.key = name;
    }
    if (element === place) place = place.nextElementSibling;
    else parent.insertBefore(element, place);
    update(element, item);
  }
  for (const element of old.values()) element.remove();
}

/** A copy of the one element in a template. @param {string} id @returns {HTMLElement} */
export function fromTemplate(id) {
  return document.getElementById(id).content.firstElementChild.cloneNode(true);
}

/** Sets a text, if it is another one; an empty one takes the element off the screen. */
export function setText(element, value) {
  if (element.textContent !== value) element.textContent = value;
  element.hidden = value === "";
}

/** Points a `<use>` at a symbol of the page. @param {Element} use @param {string} name */
export function setIcon(use, name) {
  if (use.getAttribute("href") !== `#${name}`) use.setAttribute("href", `#${name}`);
}

/**
 * Sets where an `<a>` leads; without an address it is plain text. Only addresses of the web are followed.
 * @param {HTMLAnchorElement} anchor
 * @param {string} address
 */
export function setAddress(anchor, address) {
  if (!/^https?:/.test(address)) anchor.removeAttribute("href");
  else if (anchor.getAttribute("href") !== address) anchor.href = address;
}

/** The part of a card or a row with this role. @param {Element} element @param {string} role */
export function part(element, role) {
  return element.querySelector(`[data-is="${role}"]`);
}
