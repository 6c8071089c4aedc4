/** Elements of the page, made without any HTML: what people or boxes wrote can only be text. */

const ICONS = new URL("icons.svg", import.meta.url);
const SVG = "http://www.w3.org/2000/svg";

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag @param {string} className @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function element(tag, className, ...children) {
  const made = document.createElement(tag);
  made.className = className;
  made.append(...children);
  return made;
}

/** @param {string} className @param {Node | string} content @param {() => void} onClick */
export function button(className, content, onClick) {
  const made = element("button", className, content);
  made.type = "button";
  made.addEventListener("click", onClick);
  return made;
}

/** A link into Limbas' main frame. @param {string} className @param {string} content */
export function link(className, content = "") {
  const made = element("a", className, content);
  made.target = "main";
  return made;
}

/** A symbol for the eyes only, and the way to show another one. @param {string} name */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  svg.setAttribute("class", "callmonitor-icon");
  svg.setAttribute("aria-hidden", "true");
  svg.append(use);
  const show = (other) => use.setAttribute("href", `${ICONS.pathname}#${other}`);
  show(name);
  return { element: svg, show };
}

/** Sets a text, if it is another one; an empty one takes the element off the screen. */
export function setText(element, value) {
  if (element.textContent !== value) element.textContent = value;
  element.hidden = value === "";
}
