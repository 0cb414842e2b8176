import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A connection that can end in one direction. */
export async function dial(ip: string, port: number): Promise<Socket> {
  const socket = connect({ host: ip, port, allowHalfOpen: true });
  await once(socket, 'connect');
  return socket.on('error', () => {});
}

/** All that comes until the other side ends. The connection stays as it is. */
export function received(socket: Socket): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.once('end', () => resolve(Buffer.concat(chunks)));
    socket.once('close', () => reject(new Error(`broken after ${Buffer.concat(chunks).length} bytes`)));
  });
}

/** Sends it all, ends, and gives all that comes. */
export async function exchange(ip: string, port: number, bytes: Buffer | string): Promise<Buffer> {
  const socket = await dial(ip, port);
  socket.end(bytes);
  return received(socket);
}

/** An application that speaks no HTTP. */
export class TcpApp {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(serve: (socket: Socket) => void) {
    this.#server = createServer({ allowHalfOpen: true }, (socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket));
      serve(socket);
    });
  }

  static async start(ip: string, serve: (socket: Socket) => void): Promise<TcpApp> {
    const app = new TcpApp(serve);
    app.#server.listen(0, ip);
    await once(app.#server, 'listening');
    return app;
  }

  /** Gives back what it gets, until it gets no more. */
  static echo = (ip: string) => TcpApp.start(ip, (socket) => void socket.pipe(socket));

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}
