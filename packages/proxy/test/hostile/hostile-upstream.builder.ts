import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

/** What an endpoint does with a connection; `asked` counts them. */
export type Conduct = (socket: Socket) => void;

/** An endpoint that does on each connection what no server should. */
export class HostileUpstream {
  asked = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(conduct: Conduct) {
    this.#server = createServer({ allowHalfOpen: true }, (socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => this.#sockets.delete(socket));
      conduct(socket);
    });
  }

  static async start(ip: string, conduct: Conduct): Promise<HostileUpstream> {
    const upstream = new HostileUpstream((socket) => {
      upstream.asked++;
      conduct(socket);
    });
    await new Promise<void>((resolve) => upstream.#server.listen(0, ip, resolve));
    return upstream;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}

/** Says the same to every request (to everything that is read), whatever it was. */
export const saying =
  (bytes: string | Buffer): Conduct =>
  (socket) =>
    socket.on('data', () => socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes));
