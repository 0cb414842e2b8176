import type { HeaderList, RequestHead, ResponseHead } from '../http/message.ts';
import type { FrameWriter } from './frame-writer.ts';
import { encodedBound, HpackEncoder } from './hpack/encoder.ts';
import type { PeerSettings } from './settings.ts';

/** Room for the pseudo-headers of a request: their names and the integers around them. */
const pseudoBound = 128;

const statusTexts = Array.from({ length: 1000 }, (_, status) => String(status));

/** Encodes heads and trailers where their frame is to lie, or apart when they need CONTINUATION. */
export class HeadSender {
  readonly #writer: FrameWriter;
  readonly #peer: PeerSettings;
  readonly #encoder: HpackEncoder;
  #longBlock: Buffer | null = null;

  constructor(writer: FrameWriter, peer: PeerSettings) {
    this.#writer = writer;
    this.#peer = peer;
    this.#encoder = new HpackEncoder(peer.headerTableSize);
  }

  /** To be called when the peer's SETTINGS_HEADER_TABLE_SIZE has changed. */
  tableSizeChanged(): void {
    this.#encoder.setPeerTableSize(this.#peer.headerTableSize);
  }

  request(streamId: number, head: RequestHead, ended: boolean): void {
    const { method, scheme, path, headers } = head;
    const authority = head.authority ?? '';
    const bound = encodedBound(headers) + method.length + scheme.length + path.length + authority.length;
    this.#start(bound + pseudoBound);
    this.#encoder.field(':method', method);
    if (head.form !== 'authority') {
      this.#encoder.field(':scheme', scheme);
      this.#encoder.field(':path', path);
    }
    if (authority !== '') this.#encoder.field(':authority', authority);
    this.#finish(streamId, headers, ended);
  }

  response(streamId: number, head: ResponseHead, ended: boolean): void {
    this.#start(encodedBound(head.headers) + pseudoBound);
    this.#encoder.field(':status', statusTexts[head.status] ?? String(head.status));
    this.#finish(streamId, head.headers, ended);
  }

  trailers(streamId: number, trailers: HeaderList): void {
    this.#start(encodedBound(trailers));
    this.#finish(streamId, trailers, true);
  }

  #start(bound: number): void {
    if (bound <= this.#peer.maxFrameSize) {
      this.#writer.startHeaders(bound);
      this.#encoder.begin(this.#writer.target, this.#writer.targetOffset);
    } else {
      this.#longBlock = Buffer.allocUnsafe(bound);
      this.#encoder.begin(this.#longBlock, 0);
    }
  }

  #finish(streamId: number, fields: HeaderList, endStream: boolean): void {
    const encoder = this.#encoder;
    for (let i = 0; i < fields.length; i += 2) encoder.field(fields[i]!, fields[i + 1]!);
    const end = encoder.position;
    if (this.#longBlock === null) {
      this.#writer.finishHeaders(end, streamId, endStream);
      return;
    }
    this.#writer.longHeaders(this.#longBlock, end, streamId, endStream, this.#peer.maxFrameSize);
    this.#longBlock = null;
  }
}
