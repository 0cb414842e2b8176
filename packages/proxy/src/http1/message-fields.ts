import type { HeaderList } from '../http/message.ts';
import type { FieldScanner } from './field-scanner.ts';
import { isHost } from './host.ts';
import {
  CONNECTION,
  CONTENT_LENGTH,
  EXPECT,
  HOST,
  knownNames,
  TRANSFER_ENCODING,
  UPGRADE,
} from './known-names.ts';
import { readContentLength, readTransferEncoding } from './lengths.ts';
import type { Offence } from './offence.ts';
import { hasToken } from './tokens.ts';

/**
 * The fields of one head that say how its message is framed and what becomes of the connection. One object
 * serves all heads of a parser, one after the other.
 */
export class MessageFields {
  /** The announced length, or -1. */
  contentLength = -1;
  chunked = false;
  /** Connection options (RFC 9110 section 7.6.1). */
  close = false;
  keepAlive = false;
  hosts = 0;
  upgrade = '';
  expectsContinue = false;
  offence: Offence | null = null;

  /**
   * Turns scanned fields into a list; null when `offence` forbids the message. `ignoreFraming`: what the
   * fields say of a body means nothing.
   */
  read(scanner: FieldScanner, text: string, base: number, ignoreFraming = false): HeaderList | null {
    this.contentLength = -1;
    this.chunked = false;
    this.close = false;
    this.keepAlive = false;
    this.hosts = 0;
    this.upgrade = '';
    this.expectsContinue = false;
    this.offence = null;

    const headers: HeaderList = [];
    for (let field = 0; field < scanner.count; field++) {
      const known = scanner.known(field);
      const value = scanner.value(field, text, base);
      headers.push(known >= 0 ? knownNames[known] : scanner.name(field, text, base), value);
      if (known >= 0 && known <= EXPECT && !(ignoreFraming && isFraming(known))) this.#note(known, value);
    }
    // A message with both might mean two things to two readers (RFC 9112 section 6.1).
    if (this.chunked && this.contentLength >= 0) this.#refuse('content-length-with-transfer-encoding');
    return this.offence === null ? headers : null;
  }

  #note(known: number, value: string): void {
    switch (known) {
      case CONTENT_LENGTH: {
        const length = readContentLength(value);
        if (this.contentLength >= 0) this.#refuse('content-length-repeated');
        else if (length < 0) this.#refuse('content-length');
        else this.contentLength = length;
        break;
      }
      case TRANSFER_ENCODING: {
        const offence = this.chunked ? 'transfer-encoding' : readTransferEncoding(value);
        if (offence !== null) this.#refuse(offence);
        this.chunked = true;
        break;
      }
      case CONNECTION:
        this.close ||= hasToken(value, 'close');
        this.keepAlive ||= hasToken(value, 'keep-alive');
        break;
      case HOST:
        this.hosts++;
        if (!isHost(value)) this.#refuse('host-invalid');
        break;
      case UPGRADE:
        this.upgrade = value;
        break;
      case EXPECT:
        this.expectsContinue ||= hasToken(value, '100-continue');
        break;
    }
  }

  #refuse(offence: Offence): void {
    this.offence ??= offence;
  }
}

const isFraming = (known: number): boolean => known === CONTENT_LENGTH || known === TRANSFER_ENCODING;
