import type { SocketAddress } from './connection.ts';
import type { NamedSocket, TcpHandle } from './handles.ts';
import { socketAddress } from './socket-address.ts';

/** Where a connection leads to and from. */
export interface Ends {
  readonly peer: SocketAddress;
  readonly local: SocketAddress;
}

/** The ends of a TCP connection. The near one is looked up when somebody asks for it; once closed, it has none. */
export class TcpEnds implements Ends {
  readonly peer: SocketAddress;
  readonly #handle: TcpHandle;
  #local: SocketAddress | null = null;

  /** `peer`: where it is known, it is not looked up. */
  constructor(handle: TcpHandle, peer?: SocketAddress) {
    this.#handle = handle;
    this.peer = peer ?? named((into) => handle.getpeername(into));
  }

  get local(): SocketAddress {
    this.#local ??= named((into) => this.#handle.getsockname(into));
    return this.#local;
  }
}

function named(read: (into: NamedSocket) => number): SocketAddress {
  const socket: NamedSocket = {};
  read(socket);
  return socketAddress(socket.address, socket.port);
}
