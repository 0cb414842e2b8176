import type { HeaderList } from '../../http/message.ts';

/** What has come of a request's body so far, as long as that is little enough to be sent again. */
export class ReplayBody {
  readonly #capacity: number;
  #chunks: Buffer[] | null = [];
  #bytes = 0;
  ended: boolean;
  trailers: HeaderList | null = null;

  /** `capacity`: bytes. */
  constructor(capacity: number, ended: boolean) {
    this.#capacity = capacity;
    this.ended = ended;
  }

  /** Whether everything that has come is still here. */
  get complete(): boolean {
    return this.#chunks !== null;
  }

  get chunks(): readonly Buffer[] {
    return this.#chunks ?? [];
  }

  add(chunk: Buffer): void {
    if (this.#chunks === null) return;
    this.#bytes += chunk.length;
    if (this.#bytes > this.#capacity) this.#chunks = null;
    // A copy: crumbs of a body must not keep whole read buffers.
    else this.#chunks.push(Buffer.from(chunk));
  }

  end(trailers: HeaderList | null): void {
    this.ended = true;
    this.trailers = trailers;
  }

  /** It will not be sent again. */
  release(): void {
    this.#chunks = null;
  }
}
