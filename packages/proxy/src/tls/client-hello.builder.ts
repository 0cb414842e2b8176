import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { connect } from 'node:tls';

/** The first message of a client that `dial` points at a listener which never answers. */
async function capture(dial: (port: number) => { stop(): void }): Promise<Buffer> {
  const { promise, resolve } = Promise.withResolvers<Buffer>();
  const server = createServer((socket) => {
    socket.on('error', () => {});
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      const bytes = Buffer.concat(chunks);
      if (bytes.length < 5 || bytes.length < 5 + bytes.readUInt16BE(3)) return;
      resolve(bytes);
      socket.destroy();
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const dialed = dial((server.address() as { port: number }).port);
  const hello = await promise;
  dialed.stop();
  server.close();
  return hello;
}

/** A ClientHello as node:tls writes it. */
export const recordHello = (options: { servername?: string; ALPNProtocols?: string[]; ecdhCurve?: string }) =>
  capture((port) => {
    const socket = connect({ port, host: '127.0.0.1', ...options });
    socket.on('error', () => {});
    return { stop: () => socket.destroy() };
  });

/** A ClientHello as `openssl s_client` writes it with these arguments. */
export const recordOpensslHello = (...args: string[]) =>
  capture((port) => {
    const child = execFile('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, ...args], () => {});
    return { stop: () => child.kill() };
  });
