// The real client as a witness: joins a room and writes down what it hears. Waits until stdin ends, then prints
// [[text's number, microseconds on CLOCK_MONOTONIC], …].

const [origin, room, transport] = process.argv.slice(2);
const bundle = await (await fetch(`${origin}/socket.io/socket.io.esm.min.js`)).text();
const { io } = await import(`data:text/javascript,${encodeURIComponent(bundle)}`);

const heard = [];
const socket = io(origin, { path: "/sio/socket.io", transports: [transport], reconnection: false });
socket.on("connect_error", (error) => {
  console.error(error);
  process.exit(1);
});
socket.on("response", (text) => {
  const now = Number(process.hrtime.bigint() / 1000n);
  const number = /^~\d{4}\.(\d{9}) /.exec(text);
  if (number) heard.push([Number(number[1]), now]);
});
socket.on("connect", async () => {
  await socket.emitWithAck("join", { room });
  console.log("joined");
});
process.stdin.resume().on("end", () => {
  console.log(JSON.stringify(heard));
  process.exit();
});
