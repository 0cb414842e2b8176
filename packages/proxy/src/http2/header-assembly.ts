import { enhanceYourCalm, protocolError } from './http2-error.ts';

/** Puts together a header block that goes on in CONTINUATION frames, within limits. */
export class HeaderAssembly {
  /** The stream whose block is unfinished; nothing but its CONTINUATION may come. 0 when there is none. */
  streamId = 0;
  /** Flags of the HEADERS frame that opened the block. */
  flags = 0;
  dependsOnItself = false;

  readonly #maxBlockSize: number;
  readonly #maxContinuations: number;
  #fragments: Buffer[] = [];
  #size = 0;
  #continuations = 0;

  constructor(maxBlockSize: number, maxContinuations: number) {
    this.#maxBlockSize = maxBlockSize;
    this.#maxContinuations = maxContinuations;
  }

  start(streamId: number, flags: number, fragment: Buffer, dependsOnItself: boolean): void {
    this.streamId = streamId;
    this.flags = flags;
    this.dependsOnItself = dependsOnItself;
    this.#continuations = 0;
    this.#add(fragment);
  }

  /** Throws Http2Error when it is not expected, or the block grows beyond its limits. */
  continue(streamId: number, fragment: Buffer): void {
    if (streamId !== this.streamId || streamId === 0) throw protocolError('CONTINUATION without HEADERS');
    this.#continuations++;
    if (this.#continuations > this.#maxContinuations) {
      throw enhanceYourCalm('continuation_flood', `more than ${this.#maxContinuations} CONTINUATION frames`);
    }
    this.#add(fragment);
  }

  /** The whole block; the assembly is free for the next one. */
  finish(): Buffer {
    const block = Buffer.concat(this.#fragments, this.#size);
    this.#fragments = [];
    this.#size = 0;
    this.streamId = 0;
    return block;
  }

  #add(fragment: Buffer): void {
    this.#size += fragment.length;
    if (this.#size > this.#maxBlockSize) {
      throw enhanceYourCalm('header_block_too_large', `header block above ${this.#maxBlockSize} bytes`);
    }
    // A copy: what it was read into is read into again.
    this.#fragments.push(Buffer.from(fragment));
  }
}
