/** Messages above this many bytes are refused; no control-plane message comes near it. */
export const defaultMaxMessageBytes = 4 * 1024 * 1024;

const prefixBytes = 5;

/** A message as the body of a call carries it: not compressed, its length, itself. */
export function frameMessage(message: Uint8Array): Buffer {
  const framed = Buffer.allocUnsafe(prefixBytes + message.length);
  framed[0] = 0;
  framed.writeUInt32BE(message.length, 1);
  framed.set(message, prefixBytes);
  return framed;
}

/** Takes a body apart into messages, wherever its chunks were cut. */
export class MessageReader {
  readonly #maxBytes: number;
  #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(maxBytes = defaultMaxMessageBytes) {
    this.#maxBytes = maxBytes;
  }

  /** Calls back for every message that is complete. Returns what is wrong with the body, or null. */
  read(chunk: Buffer, onMessage: (message: Buffer) => void): string | null {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    while (this.#bytes >= prefixBytes) {
      const head = this.#gather(prefixBytes);
      if (head[0] !== 0) return 'the message is compressed, which was not offered';
      const length = head.readUInt32BE(1);
      if (length > this.#maxBytes) return `a message of ${length} bytes is longer than ${this.#maxBytes}`;
      if (this.#bytes < prefixBytes + length) return null;
      const whole = this.#gather(prefixBytes + length);
      this.#drop(prefixBytes + length);
      onMessage(whole.subarray(prefixBytes, prefixBytes + length));
    }
    return null;
  }

  /** Whether a message has begun and not ended. */
  get partial(): boolean {
    return this.#bytes > 0;
  }

  /** The first `count` bytes or more, in one piece. */
  #gather(count: number): Buffer {
    if (this.#chunks[0].length < count) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0];
  }

  #drop(count: number): void {
    const rest = this.#chunks[0].subarray(count);
    this.#chunks[0] = rest;
    if (rest.length === 0) this.#chunks.shift();
    this.#bytes -= count;
  }
}
