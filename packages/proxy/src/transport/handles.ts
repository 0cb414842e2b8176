import type { Server, Socket } from 'node:net';
import type { SecureContext } from 'node:tls';

/**
 * The sockets beneath node:net and node:tls. A stream over each of them costs more than what the proxy itself does
 * with a connection: two stream states, a dozen listeners, a request object and three callbacks for every write. So
 * connections talk to handles, and all that they use of Node's inside is described in this file. `process.binding`
 * is deprecated without a date (DEP0111); what else could change with a version of Node is found by any test of a
 * connection.
 */
export interface StreamHandle {
  /** Hears `lastRead()`, as a method of the handle. A buffer that it returns takes the place of the one in use. */
  onread: (this: StreamHandle) => Buffer | undefined;
  /** What is read is put into this buffer, from its start; `onread` has to take it from there at once. */
  useUserBuffer(buffer: Buffer): void;
  readStart(): number;
  readStop(): number;
  /** Zero or an error number when it is done already, else a request that tells when it is. */
  writeBuffer(request: null, bytes: Buffer): number | WriteRequest;
  writev(request: null, pieces: readonly Buffer[], allBuffers: true): number | WriteRequest;
  shutdown(request: ShutdownRequest): number;
  close(closed?: () => void): void;
}

export interface TcpHandle extends StreamHandle {
  /** Takes a socket that is open already. */
  open(fd: number): number;
  /** -1 once it is closed. */
  readonly fd: number;
  setNoDelay(on: boolean): number;
  setKeepAlive(on: boolean, idleSeconds: number): number;
  getpeername(into: NamedSocket): number;
  getsockname(into: NamedSocket): number;
  connect(request: ConnectRequest, ip: string, port: number): number;
  connect6(request: ConnectRequest, ip: string, port: number): number;
}

/** TLS over another handle, which it reads from and writes to by itself. One write at a time. */
export interface TlsHandle extends StreamHandle {
  onhandshakestart: () => void;
  onhandshakedone: () => void;
  /** A mistake of the peer's, or of ours. An alert has been sent. */
  onerror: (error: Error) => void;
  setVerifyMode(askForCertificate: boolean, refuseWithout: boolean): void;
  /** Each name after its length. */
  setALPNProtocols(protocols: Buffer): void;
  setServername(name: string): void;
  /** Takes what was read from below before. */
  receive(bytes: Buffer): void;
  /** A client's first message. */
  start(): void;
  verifyError(): (Error & { code: string }) | null | undefined;
  getALPNNegotiatedProtocol(): string | false | null | undefined;
  hasPeerCertificate(): boolean;
  /** What a client may go on with later; only after `enableSessionCallbacks`. */
  onnewsession: (id: Buffer, session: Buffer) => void;
  enableSessionCallbacks(): void;
  setSession(session: Buffer): void;
  isSessionReused(): boolean;
  /** OpenSSL's SSL_SESSION in DER, secrets and all. */
  getSession(): Buffer | undefined;
  destroySSL(): void;
}

export interface NamedSocket {
  address?: string;
  port?: number;
}

/** The handle of a listening socket. */
interface ServerHandle extends TcpHandle {
  onconnection: (status: number, accepted?: TcpHandle) => void;
}

interface WriteRequest {
  /** Set when it was done before `oncomplete` could be. */
  writeStatus: number | null;
  /** Keeps what is being written. */
  bytes: unknown;
  oncomplete: (status: number) => void;
}

interface ShutdownRequest {
  oncomplete: (status: number) => void;
}

interface ConnectRequest {
  oncomplete: (status: number) => void;
}

interface Bindings {
  tcp_wrap: {
    readonly TCP: new (kind: number) => TcpHandle;
    readonly TCPConnectWrap: new () => ConnectRequest;
    readonly constants: { readonly SOCKET: number };
  };
  tls_wrap: {
    wrap(below: StreamHandle, context: unknown, isServer: boolean, belowIsWriting: boolean): TlsHandle;
  };
  stream_wrap: {
    readonly ShutdownWrap: new () => ShutdownRequest;
    readonly streamBaseState: Int32Array;
    readonly kReadBytesOrError: number;
    readonly kLastWriteErr: number;
  };
}

const { binding } = process as unknown as { binding<N extends keyof Bindings>(name: N): Bindings[N] };
const { TCP, TCPConnectWrap, constants } = binding('tcp_wrap');
const { wrap } = binding('tls_wrap');
const { ShutdownWrap, streamBaseState, kReadBytesOrError, kLastWriteErr } = binding('stream_wrap');

/** In `onread`: how many bytes came, or a negative error number. */
export function lastRead(): number {
  return streamBaseState[kReadBytesOrError] ?? 0;
}

/** Writes pieces in order as one; `written` is called once with zero or an error number, perhaps before this returns. */
export function writePieces(
  handle: StreamHandle,
  pieces: readonly Buffer[],
  written: (status: number) => void,
): void {
  const [first] = pieces;
  const outcome =
    pieces.length === 1 && first !== undefined
      ? handle.writeBuffer(null, first)
      : handle.writev(null, pieces, true);
  const status =
    typeof outcome === 'number' ? outcome : streamBaseState[kLastWriteErr] || outcome.writeStatus;
  if (status !== null) {
    written(status);
  } else if (typeof outcome !== 'number') {
    outcome.bytes = pieces;
    outcome.oncomplete = written;
  }
}

/** Ends the writing half; `ended` is called once with zero or an error number, perhaps before this returns. */
export function shutDown(handle: StreamHandle, ended: (status: number) => void): void {
  const request = new ShutdownWrap();
  request.oncomplete = ended;
  const status = handle.shutdown(request);
  // 1: done at once.
  if (status !== 0) ended(status === 1 ? 0 : status);
}

/** Opens a TCP connection; `connected` is called once with zero or an error number. */
export function connectHandle(
  { ip, port }: { readonly ip: string; readonly port: number },
  isIPv6: boolean,
  connected: (status: number) => void,
): TcpHandle {
  const handle = new TCP(constants.SOCKET);
  const request = new TCPConnectWrap();
  request.oncomplete = connected;
  const status = isIPv6 ? handle.connect6(request, ip, port) : handle.connect(request, ip, port);
  if (status !== 0) process.nextTick(connected, status);
  return handle;
}

/** A handle of a connected socket, which it owns; null where that is none. */
export function handleOf(fd: number): TcpHandle | null {
  const handle = new TCP(constants.SOCKET);
  if (handle.open(fd) === 0) return handle;
  handle.close();
  return null;
}

/** Calls back once, when somebody closes the handle. */
export function whenClosed(handle: StreamHandle, callback: () => void): void {
  const close = handle.close;
  handle.close = (closed) => {
    handle.close = close;
    callback();
    handle.close(closed);
  };
}

/** Lays TLS over a handle that nobody else uses any more. Closing it closes the one below. */
export function tlsOver(below: StreamHandle, context: SecureContext, isServer: boolean): TlsHandle {
  const tls: TlsHandle & { below?: StreamHandle } = wrap(below, context.context, isServer, false);
  tls.below = below;
  // Only what is reachable from the handle below is alive as long as it is open.
  (below as StreamHandle & { above?: TlsHandle }).above = tls;
  tls.close = closeTls;
  tls.onhandshakestart = nothing;
  return tls;
}

function closeTls(this: TlsHandle & { below?: StreamHandle }, closed?: () => void): void {
  this.below?.close(() => {
    // Not before: it may be OpenSSL that called whoever closes.
    this.destroySSL();
    closed?.();
  });
}

/** From now on `onHandle` has what a listening server accepts, and the server hears nothing of it. Answers its handle. */
export function takeAccepted(
  server: Server,
  onHandle: (status: number, accepted?: TcpHandle) => void,
): TcpHandle {
  const handle = (server as unknown as { _handle: ServerHandle | null })._handle;
  if (handle === null) throw new Error('the server does not listen');
  handle.onconnection = onHandle;
  return handle;
}

/** Takes the handle of a connected socket, which counts as closed from now on. Nothing may have been read from it. */
export function takeHandle(socket: Socket): TcpHandle {
  const inner = socket as unknown as { _handle: TcpHandle | null };
  const handle = inner._handle;
  if (handle === null) throw new Error('the socket is closed');
  handle.readStop();
  handle.onread = nothing;
  inner._handle = null;
  socket.on('error', nothing);
  socket.destroy();
  return handle;
}

export function nothing(): undefined {}
