import { ApiError } from '../../api/api-error.ts';

const LINE_FEED = 0x0a;

/** Puts the lines of a body together from its chunks; a last line without its end is dropped. */
export class LineSplitter {
  readonly #maxBytes: number;
  readonly #target: string;
  #unfinished: Buffer[] = [];
  #bytes = 0;

  constructor(maxBytes: number, target: string) {
    this.#maxBytes = maxBytes;
    this.#target = target;
  }

  /**
   * The lines that a chunk completes.
   * @throws ApiError `malformed` for an unfinished line of more than `maxBytes`.
   */
  push(chunk: Buffer): readonly string[] {
    const lines: string[] = [];
    let from = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, from)) {
      lines.push(this.#finish(chunk.subarray(from, end)));
      from = end + 1;
    }
    if (from < chunk.length) {
      this.#unfinished.push(chunk.subarray(from));
      this.#bytes += chunk.length - from;
    }
    if (this.#bytes > this.#maxBytes)
      throw new ApiError('malformed', `a line has more than ${this.#maxBytes} bytes`, {
        target: this.#target,
      });
    return lines;
  }

  #finish(rest: Buffer): string {
    if (this.#unfinished.length === 0) return rest.toString();
    const line = Buffer.concat([...this.#unfinished, rest]).toString();
    this.#unfinished = [];
    this.#bytes = 0;
    return line;
  }
}
