// The growing field, for browsers that do not know `field-sizing: content`.

export function growing(field) {
  if (CSS.supports("field-sizing", "content")) return;
  const grow = () => {
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight}px`;
  };
  for (const event of ["input", "change"]) field.addEventListener(event, grow);
}
