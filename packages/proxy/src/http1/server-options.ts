import type { Offence } from './offence.ts';
import { type HeadLimits, RequestParser } from './request-parser.ts';

export interface Http1ServerSettings {
  /** Request line and fields together; beyond: 414 or 431. Default 64 KiB. */
  readonly maxHeadBytes?: number;
  /** Field lines of a head; beyond: 431. Default 100. */
  readonly maxFields?: number;
  /** How long a head that has begun may take to come whole; beyond: 408. Default 30 s. */
  readonly headTimeoutMs?: number;
  /** Bytes kept of pipelined requests, or of an upgrade's first data, before the socket is paused. Default 64 KiB. */
  readonly maxHeldBytes?: number;
  /** Body bytes still read after an answer that came early; beyond, the connection is closed. Default 256 KiB. */
  readonly maxBytesAfterAnswer?: number;
  /** How long a client may take to read its last answer. Default 2 s. */
  readonly lingerMs?: number;
  /** Whether HTTP/1.1 requests without Host are refused. Default true. */
  readonly requireHost?: boolean;
  /** Hears of every request refused by the codec. */
  readonly onRefused?: (offence: Offence, status: number) => void;
  /** Milliseconds since the epoch, for Date. */
  readonly now?: () => number;
}

/** Settings with nothing left open: made once, used by every connection of a listener. */
export interface Http1ServerOptions {
  readonly limits: HeadLimits;
  readonly parser: RequestParser;
  readonly headTimeoutMs: number;
  readonly maxHeldBytes: number;
  readonly maxBytesAfterAnswer: number;
  readonly lingerMs: number;
  readonly onRefused: (offence: Offence, status: number) => void;
  readonly now: () => number;
}

export function http1ServerOptions(settings: Http1ServerSettings = {}): Http1ServerOptions {
  const limits = { maxHeadBytes: settings.maxHeadBytes ?? 64 * 1024, maxFields: settings.maxFields ?? 100 };
  return {
    limits,
    parser: new RequestParser(limits, settings.requireHost ?? true),
    headTimeoutMs: settings.headTimeoutMs ?? 30_000,
    maxHeldBytes: settings.maxHeldBytes ?? 64 * 1024,
    maxBytesAfterAnswer: settings.maxBytesAfterAnswer ?? 256 * 1024,
    lingerMs: settings.lingerMs ?? 2000,
    onRefused: settings.onRefused ?? (() => {}),
    now: settings.now ?? Date.now,
  };
}
