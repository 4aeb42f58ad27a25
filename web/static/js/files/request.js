// Requests whose body's progress can be followed, which `fetch` does not tell.

const STALLED = 30_000; // milliseconds without any progress, after which the line counts as broken
const PATIENCE = 300_000; // milliseconds for the answer: with the last piece the server puts the whole file together

// Resolves to {status, header(name), text}. The status is 0 if the line broke, stalled, or `signal` ended it. Never rejects.
// `progress(bytes)`: how much of the body has gone.
export function request(method, address, { headers, body = null, signal, progress = () => {} }) {
  return new Promise((resolve) => {
    const asked = new XMLHttpRequest();
    let timer = null;
    const within = (milliseconds) => {
      clearTimeout(timer);
      timer = setTimeout(() => asked.abort(), milliseconds);
    };
    asked.open(method, address);
    for (const [name, value] of Object.entries(headers)) asked.setRequestHeader(name, value);
    asked.upload.onprogress = ({ loaded }) => {
      within(STALLED);
      progress(loaded);
    };
    asked.upload.onload = () => within(PATIENCE);
    asked.onloadend = () => {
      clearTimeout(timer);
      resolve({ status: asked.status, header: (name) => asked.getResponseHeader(name), text: asked.responseText });
    };
    signal?.addEventListener("abort", () => asked.abort());
    within(STALLED);
    asked.send(body);
  });
}
