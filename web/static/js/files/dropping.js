// What is seen while files are dragged over the room.

import { element } from "../actions/elements.js";

export function dropping(area, words) {
  const sign = element("div", { className: "dropping", hidden: true }, element("p", {}, words.drop));
  area.append(sign);
  const hide = () => (sign.hidden = true);
  area.addEventListener("dragleave", ({ relatedTarget }) => area.contains(relatedTarget) || hide());
  area.addEventListener("drop", hide);
  return () => (sign.hidden = false);
}
