import type { HeaderList } from '../http/message.ts';
import { readContentLength, readTransferEncoding } from './lengths.ts';
import { hasToken } from './tokens.ts';

/** One pass over the fields of an outgoing message, which sorts out what the codec itself must decide on. */
export class OutgoingFields {
  /** The lines of all other fields. */
  lines = '';
  count = 0;
  /** The announced length, or -1. */
  contentLength = -1;
  chunked = false;
  hasDate = false;
  /** The list asks for the connection to be closed afterwards. */
  close = false;
  /** The framing fields contradict each other: the message must not be sent. */
  contradictory = false;

  /** `ownsConnection`: the fields of that name are left out, since the codec writes its own. */
  read(headers: HeaderList, ownsConnection: boolean): void {
    this.contentLength = -1;
    this.chunked = false;
    this.hasDate = false;
    this.close = false;
    this.contradictory = false;
    let lines = '';
    let count = 0;
    for (let i = 0; i < headers.length; i += 2) {
      const name = headers[i];
      const value = headers[i + 1];
      // Names are told apart by length first: most comparisons end there.
      switch (name.length) {
        case 4:
          if (name === 'date') this.hasDate = true;
          break;
        case 10:
          if (ownsConnection && name === 'connection') {
            this.close ||= hasToken(value, 'close');
            continue;
          }
          break;
        case 14:
          if (name === 'content-length') {
            this.#noteLength(readContentLength(value));
            continue;
          }
          break;
        case 17:
          if (name === 'transfer-encoding') {
            if (readTransferEncoding(value) !== null) this.contradictory = true;
            this.chunked = true;
            continue;
          }
          break;
      }
      lines += `${name}: ${value}\r\n`;
      count++;
    }
    if (this.chunked && this.contentLength >= 0) this.contradictory = true;
    this.lines = lines;
    this.count = count;
  }

  #noteLength(length: number): void {
    if (length < 0 || (this.contentLength >= 0 && this.contentLength !== length)) this.contradictory = true;
    this.contentLength = length;
  }
}
