// Loads a style sheet. Resolves when it applies; rejects if it does not come.

export function sheet(href) {
  const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href });
  return new Promise((resolve, reject) => {
    link.onload = resolve;
    link.onerror = () => {
      link.remove();
      reject(new Error(`The sheet ${href} did not come.`));
    };
    document.head.append(link);
  });
}
