/**
 * How pieces gathered in one turn leave. `vector`: short ones are joined, long ones are handed to the kernel
 * where they lie. `join`: all in one buffer, for TLS, which copies a vector anyway.
 */
export type GatherMode = 'vector' | 'join';

/** Pieces at least this long (bytes) are cheaper to pass by reference than to copy. */
const LONG_PIECE = 8 * 1024;

/** What leaves instead of `pieces`, in their order, as one write. */
export function gather(pieces: Buffer[], mode: GatherMode): Buffer[] {
  if (pieces.length === 1) return pieces;
  return mode === 'join' ? [Buffer.concat(pieces)] : joinShort(pieces);
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
