import type { Writable } from 'node:stream';

/**
 * How pieces gathered in one turn leave. `vector`: short ones are joined, long ones are handed to the kernel
 * where they lie. `join`: all in one buffer, for TLS, which copies a vector anyway.
 */
export type GatherMode = 'vector' | 'join';

/** Pieces at least this long (bytes) are cheaper to pass by reference than to copy. */
const LONG_PIECE = 8 * 1024;

/** Hands the pieces over in order as one write. `written` is called at least once, after the last has left. */
export function writeGathered(
  socket: Writable,
  pieces: Buffer[],
  mode: GatherMode,
  written: () => void,
): void {
  if (pieces.length === 1) {
    socket.write(pieces[0]!, written);
    return;
  }
  const parts = mode === 'join' ? [Buffer.concat(pieces)] : joinShort(pieces);
  if (parts.length > 1) socket.cork();
  for (const part of parts) socket.write(part, written);
  if (parts.length > 1) socket.uncork();
}

/** Replaces every run of short pieces by one buffer. */
export function joinShort(pieces: readonly Buffer[]): Buffer[] {
  const parts: Buffer[] = [];
  let run: Buffer[] = [];
  const endRun = () => {
    if (run.length > 0) parts.push(run.length === 1 ? run[0]! : Buffer.concat(run));
    run = [];
  };
  for (const piece of pieces) {
    if (piece.length < LONG_PIECE) {
      run.push(piece);
      continue;
    }
    endRun();
    parts.push(piece);
  }
  endRun();
  return parts;
}
