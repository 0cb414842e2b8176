import type { Socket } from 'node:net';

/**
 * Reading without node:stream. By default Node makes a buffer of 64 KiB for every read and, if few bytes came, another
 * one; on TLS sockets a few bytes keep all of it. Under load that is what garbage collection is busy with. Instead all
 * sockets of the process read into one buffer, as the option `onread` of `net.connect` would have it, and what came is
 * copied: small pieces side by side into shared memory, large ones into memory of their own size.
 *
 * `onread` exists for client sockets only; for others its effect is had by setting what it sets. That is not public, so
 * where a version of Node has it no more, sockets are read as streams.
 */
const arrival = Buffer.allocUnsafeSlow(64 * 1024);

/** Pieces up to this many bytes share memory. */
const LARGEST_SHARED = 4 * 1024;
const POOL_BYTES = 64 * 1024;

let pool = Buffer.allocUnsafeSlow(POOL_BYTES);
let poolUsed = 0;

interface Internals {
  readonly buffer: symbol;
  readonly callback: symbol;
}

interface SocketInternals {
  [key: symbol]: unknown;
  readonly _handle: { useUserBuffer?(buffer: Buffer): void } | null;
}

let internals: Internals | null | undefined;

function findInternals(socket: Socket): Internals | null {
  const named = (name: string) =>
    Object.getOwnPropertySymbols(socket).find(({ description }) => description === name);
  const buffer = named('kBuffer');
  const callback = named('kBufferCb');
  return buffer === undefined || callback === undefined ? null : { buffer, callback };
}

/**
 * From now on `onBytes` hears what `socket` reads, except for what its stream already holds, which is still told by
 * `data`; with false it stops the reading until the socket is resumed. Answers false if this socket has to be read as
 * a stream.
 */
export function readDirectly(socket: Socket, onBytes: (bytes: Buffer) => boolean): boolean {
  internals ??= findInternals(socket);
  const inner = socket as unknown as SocketInternals;
  const handle = inner._handle;
  if (internals === null || handle === null || handle.useUserBuffer === undefined) return false;
  handle.useUserBuffer(arrival);
  inner[internals.buffer] = arrival;
  inner[internals.callback] = (length: number) => onBytes(copyOfArrived(length));
  return true;
}

function copyOfArrived(length: number): Buffer {
  const bytes = length > LARGEST_SHARED ? Buffer.allocUnsafeSlow(length) : takeShared(length);
  arrival.copy(bytes, 0, 0, length);
  return bytes;
}

function takeShared(length: number): Buffer {
  if (poolUsed + length > POOL_BYTES) {
    pool = Buffer.allocUnsafeSlow(POOL_BYTES);
    poolUsed = 0;
  }
  const start = poolUsed;
  poolUsed += length;
  return pool.subarray(start, poolUsed);
}
