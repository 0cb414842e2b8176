import { defaultWindow } from './frame.ts';
import type { FrameWriter } from './frame-writer.ts';
import { flowControlError } from './http2-error.ts';
import type { Http2Options } from './options.ts';
import { Setting } from './settings.ts';
import type { Http2Stream } from './stream.ts';
import { WindowProbe } from './window-probe.ts';

const probePing = Buffer.from('weft-bdp');

/**
 * Our windows, which bound what the peer may send. The connection's is opened again by whatever arrives, so
 * that a paused stream holds up nobody else; a stream's as long as it is not paused. Both when half is used.
 */
export class ReceiveFlow {
  readonly #writer: FrameWriter;
  readonly #probe: WindowProbe | null;
  #connectionWindow: number;
  #streamWindow: number;
  #left: number;
  #unreturned = 0;
  #acknowledged = false;

  constructor(writer: FrameWriter, options: Http2Options) {
    this.#writer = writer;
    this.#connectionWindow = Math.max(options.connectionWindow, defaultWindow);
    this.#streamWindow = options.streamWindow;
    this.#probe = options.adaptiveWindows ? new WindowProbe() : null;
    this.#left = this.#connectionWindow;
  }

  /** Widens the connection's window from that of the RFC to ours. */
  greet(): void {
    const extra = this.#connectionWindow - defaultWindow;
    if (extra > 0) this.#writer.windowUpdate(0, extra);
  }

  /** A window for a new stream. Until our SETTINGS are acknowledged the peer counts with that of the RFC. */
  opened(stream: Http2Stream): void {
    stream.receiveWindow = this.#acknowledged
      ? this.#streamWindow
      : Math.max(this.#streamWindow, defaultWindow);
  }

  acknowledged(streams: Iterable<Http2Stream>): void {
    if (this.#acknowledged) return;
    this.#acknowledged = true;
    const surplus = defaultWindow - this.#streamWindow;
    if (surplus > 0) for (const stream of streams) stream.receiveWindow -= surplus;
  }

  /** Counts a DATA frame against the connection. Throws Http2Error FLOW_CONTROL_ERROR. */
  take(size: number): void {
    this.#left -= size;
    if (this.#left < 0) throw flowControlError('connection window overrun');
    this.#unreturned += size;
    if (this.#probe?.received(size, performance.now())) this.#writer.ping(probePing, 0, false);
    if (this.#unreturned * 2 < this.#connectionWindow) return;
    this.#writer.windowUpdate(0, this.#unreturned);
    this.#left += this.#unreturned;
    this.#unreturned = 0;
  }

  /** The opaque data of a PING that the peer acknowledges is `buffer[at, at + 8)`. */
  pingAcknowledged(buffer: Buffer, at: number, streams: Iterable<Http2Stream>): void {
    if (this.#probe === null || probePing.compare(buffer, at, at + 8) !== 0) return;
    const window = this.#probe.acknowledged(performance.now());
    if (window !== null) this.#widen(window, streams);
  }

  /** Nothing is held against the peer until it has heard of it, since windows only grow. */
  #widen(window: number, streams: Iterable<Http2Stream>): void {
    const ofConnection = window - this.#connectionWindow;
    if (ofConnection > 0) {
      this.#writer.windowUpdate(0, ofConnection);
      this.#connectionWindow = window;
      this.#left += ofConnection;
    }
    const ofStreams = window - this.#streamWindow;
    if (ofStreams <= 0) return;
    this.#writer.settings([Setting.InitialWindowSize, window]);
    this.#streamWindow = window;
    for (const stream of streams) stream.receiveWindow += ofStreams;
  }

  /** Counts a DATA frame against its stream; false when its window is overrun. */
  takeOf(stream: Http2Stream, size: number): boolean {
    stream.receiveWindow -= size;
    return stream.receiveWindow >= 0;
  }

  /** Opens a stream's window by what was received, unless it is held shut or hardly used. */
  reopen(stream: Http2Stream): void {
    if (stream.receivePaused || stream.unreturned * 2 < this.#streamWindow || stream.unreturned === 0) return;
    this.#writer.windowUpdate(stream.id, stream.unreturned);
    stream.receiveWindow += stream.unreturned;
    stream.unreturned = 0;
  }
}
