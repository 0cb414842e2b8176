import type * as ffiModule from 'node:ffi';

/** glibc gives free memory back only from the end of its heap, unless it is asked to. */
interface AllocatorCalls {
  malloc_trim(pad: bigint): number;
}

let trim: (() => void) | undefined;

/** Gives pages that hold nothing back to the system, where the C library can (musl does so by itself). */
export function trimAllocator(): void {
  trim ??= findTrim();
  trim();
}

function findTrim(): () => void {
  try {
    // A null path means this process, which has a C library in it already.
    const library = loadFfi().dlopen(null, { malloc_trim: { arguments: ['u64'], return: 'i32' } });
    const { malloc_trim: call } = library.functions as unknown as AllocatorCalls;
    return () => void call(0n);
  } catch {
    return () => {};
  }
}

/** node:ffi says on loading that it is experimental; that one warning is no news to an operator. */
function loadFfi(): typeof ffiModule {
  const emitWarning = process.emitWarning;
  process.emitWarning = (warning: string | Error, ...rest: unknown[]) => {
    if (rest[0] === 'ExperimentalWarning' && String(warning).includes('FFI')) return;
    Reflect.apply(emitWarning, process, [warning, ...rest]);
  };
  try {
    return process.getBuiltinModule('node:ffi');
  } finally {
    process.emitWarning = emitWarning;
  }
}
