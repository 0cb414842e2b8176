import { GetStream, type GetStreamOptions } from './get-stream.ts';
import { inParallel } from './in-parallel.ts';
import { withinLimit } from './timings.ts';

/** Streams that are being opened at the same time. */
const OPENING = 64;

/** What a crowd waits for: every stream that matters has had a message like this. */
interface Awaited {
  readonly bytes: Buffer;
  readonly streams: Set<number>;
  readonly done: () => void;
}

/** Many streams at once, and when the last of them knew something. */
export class StreamCrowd {
  readonly #streams: GetStream[] = [];
  #awaited: Awaited | undefined;

  /** Opens streams, one for each target; resolves when each has its first message. */
  async open(
    targets: readonly string[],
    options: Omit<GetStreamOptions, 'target' | 'onMessage'>,
  ): Promise<void> {
    await inParallel(targets.length, OPENING, async (i) => {
      const { promise: first, resolve } = Promise.withResolvers<void>();
      const onMessage = (message: Buffer) => {
        resolve();
        this.#received(i, message);
      };
      this.#streams[i] = await GetStream.open({ ...options, target: targets[i]!, onMessage });
      await withinLimit(first, `stream ${i} of ${targets[i]} had no answer`);
    });
  }

  /**
   * Resolves when all of these streams (default: all) have had a message with these bytes. To be called before
   * the change is made.
   */
  async received(bytes: Buffer, streams: Iterable<number> = this.#streams.keys()): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#awaited = { bytes, streams: new Set(streams), done: resolve };
    await withinLimit(promise, 'not every stream was told of a change');
    for (const stream of this.#streams) stream.check();
  }

  close(): void {
    for (const stream of this.#streams) stream.close();
  }

  #received(stream: number, message: Buffer): void {
    const awaited = this.#awaited;
    if (awaited === undefined || !message.includes(awaited.bytes)) return;
    if (awaited.streams.delete(stream) && awaited.streams.size === 0) awaited.done();
  }
}
