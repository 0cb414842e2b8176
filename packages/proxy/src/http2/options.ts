import type { Http2Offence } from './http2-error.ts';
import { Setting } from './settings.ts';

export interface KeepAliveOptions {
  /** Silence of the peer after which it is asked for a sign of life. */
  readonly intervalMs: number;
  /** How long the answer may take before the connection is given up. */
  readonly timeoutMs: number;
  /** Also while no stream is open. */
  readonly whileIdle: boolean;
}

/** How much of something a peer may do: `burst` at once, and `perSecond` for ever. */
export interface Allowance {
  /** What a new connection may do of it at once, before good traffic has earned it more; the burst by default. */
  readonly initial?: number;
  readonly burst: number;
  readonly perSecond: number;
}

/** Settings of one connection, of either side. Sizes are in bytes. */
export interface Http2Options {
  readonly streamWindow: number;
  readonly connectionWindow: number;
  /** Windows grow with what the peer can have under way. */
  readonly adaptiveWindows: boolean;
  readonly maxFrameSize: number;
  readonly maxHeaderListSize: number;
  readonly headerTableSize: number;
  /**
   * Streams the peer may have open. Told to the peer only when set; without it `refusedAbove` bounds them.
   */
  readonly maxConcurrentStreams: number | null;
  readonly refusedAbove: number;
  readonly keepAlive: KeepAliveOptions | null;
  readonly maxContinuations: number;
  /** How long a header block that has begun may take to come whole. */
  readonly headTimeoutMs: number;
  /**
   * Streams given up before they were answered, by RST_STREAM or by breaking the protocol. Streams that end
   * as they should earn more: a proxy whose many clients leave at once is no attacker.
   */
  readonly resets: Allowance;
  /** PING, SETTINGS, PRIORITY, WINDOW_UPDATE, RST_STREAM, unknown frames. Traffic earns more. */
  readonly controlFrames: Allowance;
  /** DATA frames without content that do not end their stream. */
  readonly emptyData: Allowance;
  /** What may be queued for a peer that does not read; data waits for it in the streams at a lower mark: */
  readonly maxQueuedBytes: number;
  /**
   * With more than this queued on the connection, data waits in its streams. Here fits what the connection's window
   * lets out by default: with less, streams that have all arrived would leave in slices.
   */
  readonly blockedAbove: number;
  /** Requests of a client that wait for the peer's limit of streams. */
  readonly maxQueuedRequests: number;
  /** How long a graceful end may wait for the peer's acknowledgement and for its close. */
  readonly lingerMs: number;
  /** Counts what peers do wrong. */
  readonly onOffence: ((offence: Http2Offence) => void) | null;
}

export const defaultHttp2Options: Http2Options = {
  streamWindow: 65_535,
  connectionWindow: 1024 * 1024,
  adaptiveWindows: false,
  maxFrameSize: 16_384,
  maxHeaderListSize: 16 * 1024,
  headerTableSize: 4096,
  maxConcurrentStreams: null,
  refusedAbove: 100_000,
  keepAlive: null,
  maxContinuations: 16,
  headTimeoutMs: 30_000,
  resets: { initial: 500, burst: 5000, perSecond: 200 },
  controlFrames: { burst: 10_000, perSecond: 1000 },
  emptyData: { burst: 1000, perSecond: 100 },
  maxQueuedBytes: 8 * 1024 * 1024,
  blockedAbove: 1024 * 1024,
  maxQueuedRequests: 10_000,
  lingerMs: 1000,
  onOffence: null,
};

/** The defaults, with what is given in their place. */
export function http2Options(given: Partial<Http2Options> = {}): Http2Options {
  return { ...defaultHttp2Options, ...given };
}

/** The entries of our SETTINGS frame. */
export function announcedSettings(options: Http2Options, isClient: boolean): number[] {
  const entries = [Setting.InitialWindowSize, options.streamWindow];
  if (isClient) entries.push(Setting.EnablePush, 0);
  else if (options.maxConcurrentStreams !== null) {
    entries.push(Setting.MaxConcurrentStreams, options.maxConcurrentStreams);
  }
  entries.push(Setting.MaxFrameSize, options.maxFrameSize);
  entries.push(Setting.MaxHeaderListSize, options.maxHeaderListSize);
  if (options.headerTableSize !== 4096) entries.push(Setting.HeaderTableSize, options.headerTableSize);
  return entries;
}
