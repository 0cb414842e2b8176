import type { Writable } from 'node:stream';

const guarded = new WeakSet<Writable>();

/** Failures reach the callback of each write; the event of the same failure must not end the process. */
function guard(stream: Writable): void {
  if (guarded.has(stream)) return;
  guarded.add(stream);
  stream.on('error', () => {});
}

/**
 * Writes text and waits until it has left this process. A reader that has gone away (`weft inject … | head`)
 * is no error: nobody wants the rest.
 */
export async function write(stream: Writable, text: string): Promise<void> {
  guard(stream);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  stream.write(text, (error) => {
    if (error && (error as NodeJS.ErrnoException).code !== 'EPIPE') reject(error);
    else resolve();
  });
  await promise;
}
