import type { ResponseStream } from '../http/stream.ts';

/** Lines kept for a client that does not read; beyond, lines are dropped and counted. */
const MAX_QUEUED = 512;

/** Sends lines as they come; a slow client gets fewer, and is told how many it missed. */
export class LineStream {
  readonly #stream: ResponseStream;
  #queue: string[] = [];
  #dropped = 0;
  #blocked = false;
  #stopped = false;

  constructor(stream: ResponseStream) {
    this.#stream = stream;
  }

  send(line: string): void {
    if (this.#stopped) return;
    if (!this.#blocked) this.#write(line);
    else if (this.#queue.length < MAX_QUEUED) this.#queue.push(line);
    else this.#dropped++;
  }

  drained(): void {
    this.#blocked = false;
    let sent = 0;
    while (sent < this.#queue.length && !this.#blocked) this.#write(this.#queue[sent++]);
    this.#queue = this.#queue.slice(sent);
    if (this.#blocked || this.#dropped === 0) return;
    const dropped = this.#dropped;
    this.#dropped = 0;
    this.#write(JSON.stringify({ dropped_events: dropped }));
  }

  stop(): void {
    this.#stopped = true;
    this.#queue = [];
  }

  #write(line: string): void {
    if (!this.#stream.writeData(Buffer.from(`${line}\n`))) this.#blocked = true;
  }
}
