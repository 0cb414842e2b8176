// Connects and waits to be greeted, as with protocols in which servers speak first, and prints the greeting and after how
// many milliseconds it came: greeting.mjs HOST PORT
import { connect } from 'node:net';

const [host, port] = process.argv.slice(2);
const begun = performance.now();
const socket = connect({ host, port: Number(port) });
socket.setEncoding('utf8');
const end = (text) => {
  console.log(JSON.stringify({ text, ms: Math.round(performance.now() - begun) }));
  process.exit(0);
};
socket.setTimeout(15_000, () => end('no greeting in time'));
socket.on('error', (error) => end(error.code));
socket.on('data', (text) => end(text.trim()));
