/**
 * What a socket's stream calls to write: called without the stream in between, which spends more on a small write than
 * the kernel. Whoever does so writes one thing at a time.
 */
export interface DirectWritable {
  _write(chunk: Buffer, encoding: BufferEncoding, written: Written): void;
  _writev?(chunks: { chunk: Buffer; encoding: BufferEncoding }[], written: Written): void;
}

/** Called once all has left, often before the call that wrote it returns; or with the error that it failed with. */
export type Written = (error?: Error | null) => void;

/**
 * How pieces gathered in one turn leave. `vector`: short ones are joined, long ones are handed to the kernel
 * where they lie. `join`: all in one buffer, for TLS, which copies a vector anyway.
 */
export type GatherMode = 'vector' | 'join';

/** Pieces at least this long (bytes) are cheaper to pass by reference than to copy. */
const LONG_PIECE = 8 * 1024;

/** Hands the pieces over in order as one write. */
export function writeGathered(
  socket: DirectWritable,
  pieces: Buffer[],
  mode: GatherMode,
  written: Written,
): void {
  const parts = pieces.length === 1 ? pieces : mode === 'join' ? [Buffer.concat(pieces)] : joinShort(pieces);
  if (parts.length === 1 || socket._writev === undefined) {
    socket._write(parts.length === 1 ? parts[0] : Buffer.concat(parts), 'buffer' as BufferEncoding, written);
    return;
  }
  const chunks = parts.map((chunk) => ({ chunk, encoding: 'buffer' as BufferEncoding }));
  // What node:stream says of such a list, too: it is handed over without a look at the encodings.
  socket._writev(Object.assign(chunks, { allBuffers: true }), written);
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
