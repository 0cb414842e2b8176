/**
 * How pieces gathered in one turn leave. `vector`: short ones are joined, long ones are handed to the kernel
 * where they lie. `join`: all in one buffer, for TLS, which copies a vector anyway.
 */
export type GatherMode = 'vector' | 'join';

/** Pieces at least this long (bytes) are cheaper to pass by reference than to copy. */
const LONG_PIECE = 8 * 1024;

/** Pieces at least this long (bytes) are not worth copying for TLS. */
const WORTH_A_WRITE = 32 * 1024;

/** How many of the pieces that wait leave as one write: of TLS no more than can be joined where others were before. */
export function countTogether(pieces: readonly Buffer[], mode: GatherMode): number {
  if (mode === 'vector' || pieces.length === 1) return pieces.length;
  let length = 0;
  for (let count = 0; count < pieces.length; count++) {
    const piece = pieces[count]!.length;
    length += piece;
    if (piece >= WORTH_A_WRITE || length > joined.length) return Math.max(count, 1);
  }
  return pieces.length;
}

/** What leaves instead of `pieces`, in their order, as one write, which has to begin before the next is gathered. */
export function gather(pieces: Buffer[], mode: GatherMode): Buffer[] {
  if (pieces.length === 1) return pieces;
  return mode === 'join' ? [joinAll(pieces)] : joinShort(pieces);
}

/** TLS has encrypted, or copied, what it is given when the write returns: what is joined for it lies here. */
const joined = Buffer.allocUnsafeSlow(256 * 1024);

function joinAll(pieces: readonly Buffer[]): Buffer {
  let length = 0;
  for (const piece of pieces) length += piece.length;
  if (length > joined.length) return Buffer.concat(pieces, length);
  let at = 0;
  for (const piece of pieces) at += piece.copy(joined, at);
  return joined.subarray(0, length);
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
