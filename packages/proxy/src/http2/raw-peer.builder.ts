import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Connection } from '../transport/connection.ts';
import { clientPreface, Flag, FrameType } from './frame.ts';
import { HpackDecoder } from './hpack/decoder.ts';

export interface SeenFrame {
  readonly type: number;
  readonly flags: number;
  readonly streamId: number;
  readonly payload: Buffer;
  /** Of HEADERS that need no CONTINUATION: the fields, flat. */
  readonly fields: readonly string[];
}

/** The other end of a connection under test, speaking in bytes. */
export class RawPeer {
  readonly connection: Connection;
  readonly frames: SeenFrame[] = [];
  ended = false;
  closed = false;
  readonly #decoder = new HpackDecoder(1 << 20, 4096);
  #unread = Buffer.alloc(0);
  #prefaceDue: boolean;

  /** @param expectPreface whether the end under test is a client */
  constructor(connection: Connection, expectPreface = false) {
    this.connection = connection;
    this.#prefaceDue = expectPreface;
    connection.handler = {
      onData: (chunk) => this.#read(chunk),
      onEnd: () => {
        this.ended = true;
      },
      onDrain() {},
      onClose: () => {
        this.closed = true;
      },
    };
  }

  /** Sends bytes and waits until what they cause has come back. */
  async send(...bytes: Buffer[]): Promise<void> {
    for (const chunk of bytes) this.connection.write(chunk);
    await settle();
  }

  seen(type: number, streamId?: number): SeenFrame[] {
    return this.frames.filter(
      (frame) => frame.type === type && (streamId ?? frame.streamId) === frame.streamId,
    );
  }

  /** The code of the last GOAWAY, or undefined. */
  get goawayCode(): number | undefined {
    return this.seen(FrameType.Goaway).at(-1)?.payload.readUInt32BE(4);
  }

  resetCode(streamId: number): number | undefined {
    return this.seen(FrameType.RstStream, streamId).at(-1)?.payload.readUInt32BE(0);
  }

  body(streamId: number): string {
    return Buffer.concat(this.seen(FrameType.Data, streamId).map((frame) => frame.payload)).toString(
      'latin1',
    );
  }

  #read(chunk: Buffer): void {
    this.#unread = Buffer.concat([this.#unread, chunk]);
    if (this.#prefaceDue) {
      if (this.#unread.length < clientPreface.length) return;
      this.#prefaceDue = false;
      this.#unread = this.#unread.subarray(clientPreface.length);
    }
    while (this.#unread.length >= 9) {
      const length = this.#unread.readUIntBE(0, 3);
      if (this.#unread.length < 9 + length) return;
      const type = this.#unread[3] ?? 0;
      const flags = this.#unread[4] ?? 0;
      const payload = this.#unread.subarray(9, 9 + length);
      this.frames.push({
        type,
        flags,
        streamId: this.#unread.readUInt32BE(5),
        payload,
        fields: type === FrameType.Headers && (flags & Flag.EndHeaders) !== 0 ? this.#decode(payload) : [],
      });
      this.#unread = this.#unread.subarray(9 + length);
    }
  }

  #decode(block: Buffer): string[] {
    this.#decoder.decode(block, 0, block.length);
    return this.#decoder.fields.slice(0, 2 * this.#decoder.count);
  }
}

/** Lets connections in memory hand over what they hold, back and forth. */
export async function settle(turns = 12): Promise<void> {
  for (let i = 0; i < turns; i++) await nextTurn();
}
