import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { answer } from './answer.ts';
import type { Zone } from './zone.ts';

const MAX_CONNECTIONS = 256;
const IDLE_MS = 10_000;

/** The cluster's name server, over UDP and TCP; it answers from whatever zone is current. */
export class DnsServer {
  readonly #zone: () => Zone;
  readonly #udp: UdpSocket = createSocket('udp4');
  readonly #tcp: Server = createServer((socket) => this.#serve(socket));

  constructor(zone: () => Zone) {
    this.#zone = zone;
    this.#tcp.maxConnections = MAX_CONNECTIONS;
    this.#udp.on('message', (message, { address, port }) => {
      const reply = answer(message, this.#zone(), 'udp');
      // A reply that cannot be sent is asked for again.
      if (reply !== undefined) this.#udp.send(reply, port, address, () => undefined);
    });
  }

  /** @param port 53 in a mesh; 0 picks one free for both transports. Returns the port. */
  async listen(address: string, port: number): Promise<number> {
    this.#tcp.listen(port, address);
    await once(this.#tcp, 'listening');
    const bound = this.#tcp.address();
    const chosen = typeof bound === 'object' && bound !== null ? bound.port : port;
    this.#udp.bind(chosen, address);
    await once(this.#udp, 'listening');
    return chosen;
  }

  close(): void {
    this.#udp.close();
    this.#tcp.close();
  }

  /** Messages over TCP carry their length in front (RFC 1035 §4.2.2). */
  #serve(socket: Socket): void {
    let pending: Buffer = Buffer.alloc(0);
    socket.setTimeout(IDLE_MS, () => socket.destroy());
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
      while (pending.length >= 2) {
        const length = pending.readUInt16BE(0);
        if (pending.length < 2 + length) return;
        const reply = answer(pending.subarray(2, 2 + length), this.#zone(), 0xffff);
        pending = pending.subarray(2 + length);
        if (reply === undefined) return void socket.destroy();
        const head = Buffer.alloc(2);
        head.writeUInt16BE(reply.length);
        socket.write(Buffer.concat([head, reply]));
      }
    });
  }
}
