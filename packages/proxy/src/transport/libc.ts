import type * as ffiModule from 'node:ffi';

/** glibc's way to give free memory back to the system. */
interface MemoryCalls {
  malloc_trim(pad: bigint): number;
}

/** Gives pages that hold nothing back to the system, where the C library can (musl does so by itself). */
export function trimMemory(): void {
  try {
    const ffi = withoutFfiWarning(() => process.getBuiltinModule('node:ffi'));
    const library = ffi.dlopen(null, { malloc_trim: { arguments: ['u64'], return: 'i32' } });
    (library.functions as unknown as MemoryCalls).malloc_trim(0n);
  } catch {
    // No such function: nothing to give back.
  }
}

/** Calls of the C library that Node has no name for. They return -1 on failure. */
interface SocketCalls {
  dup(fd: number): number;
  getsockopt(fd: number, level: number, name: number, value: Buffer, length: Buffer): number;
  setsockopt(fd: number, level: number, name: number, value: Buffer, length: number): number;
}

let calls: SocketCalls | undefined;

function socketCalls(): SocketCalls {
  // A null path means this process, which has a C library in it already, whether glibc or musl.
  calls ??= withoutFfiWarning(() => process.getBuiltinModule('node:ffi')).dlopen(null, {
    dup: { arguments: ['i32'], return: 'i32' },
    getsockopt: { arguments: ['i32', 'i32', 'i32', 'buffer', 'buffer'], return: 'i32' },
    setsockopt: { arguments: ['i32', 'i32', 'i32', 'buffer', 'u32'], return: 'i32' },
  }).functions as SocketCalls;
  return calls;
}

/** What options are read into, one at a time. */
const optionValue = Buffer.alloc(64);
const optionLength = new Uint32Array(1);
const optionLengthBytes = Buffer.from(optionLength.buffer);

/**
 * Reads a socket option of at most `size` bytes, 64 or fewer; null when the system refuses. The next call reuses the
 * buffer.
 */
export function readSocketOption(fd: number, level: number, name: number, size: number): Buffer | null {
  optionLength[0] = size;
  if (socketCalls().getsockopt(fd, level, name, optionValue, optionLengthBytes) !== 0) return null;
  return optionValue.subarray(0, optionLength[0]);
}

/** Sets a socket option that is a C int; false when the system refuses. */
export function writeSocketOption(fd: number, level: number, name: number, value: number): boolean {
  const bytes = Buffer.from(new Int32Array([value]).buffer);
  return socketCalls().setsockopt(fd, level, name, bytes, bytes.length) === 0;
}

/** A second descriptor of the same socket, which outlives the first; null when the system refuses. */
export function duplicateDescriptor(fd: number): number | null {
  const copy = socketCalls().dup(fd);
  return copy < 0 ? null : copy;
}

/** node:ffi says on loading that it is experimental; that one warning is no news to an operator. */
function withoutFfiWarning(load: () => typeof ffiModule): typeof ffiModule {
  const emitWarning = process.emitWarning;
  process.emitWarning = (warning: string | Error, ...rest: unknown[]) => {
    if (rest[0] === 'ExperimentalWarning' && String(warning).includes('FFI')) return;
    Reflect.apply(emitWarning, process, [warning, ...rest]);
  };
  try {
    return load();
  } finally {
    process.emitWarning = emitWarning;
  }
}
