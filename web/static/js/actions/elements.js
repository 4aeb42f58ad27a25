// Makes elements: of a name, with properties and what is in it.

export function element(name, properties = {}, ...within) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...within);
  return made;
}

// `label` is read aloud; what is seen is `sign`: a text, or the class of an icon.
export function button(label, sign, press) {
  const icon = element("span", { className: `icon ${sign}`, ariaHidden: "true" });
  const seen = /^[a-z]/.test(sign) ? icon : element("span", { ariaHidden: "true" }, sign);
  return element("button", { type: "button", ariaLabel: label, title: label, onclick: press }, seen);
}
