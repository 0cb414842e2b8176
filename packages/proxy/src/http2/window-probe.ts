import { defaultWindow } from './frame.ts';

/** However fast the peer is: what a stream that nobody reads may hold. */
export const widestWindow = 4 * 1024 * 1024;

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;
/** Below it a round trip is not told from none, milliseconds. */
const SHORTEST_TRIP_MS = 0.1;

/** resting ── data, once the pause is over ──▶ measuring ── our PING is acknowledged ──▶ resting */
type ProbeState =
  | { readonly kind: 'resting'; readonly until: number }
  | { readonly kind: 'measuring'; readonly since: number; bytes: number };

/**
 * Finds out how much a peer can have under way at a time: what comes while a PING goes there and back. Windows
 * that this fills by two thirds hold it up, and are made twice as wide as what came, as long as that lets more
 * through. Times are monotonic milliseconds.
 */
export class WindowProbe {
  #state: ProbeState = { kind: 'resting', until: 0 };
  #window = defaultWindow;
  #bytesPerMs = 0;
  #pauseMs = FIRST_PAUSE_MS;

  /** Of a DATA frame. True: a PING is to be sent. */
  received(bytes: number, now: number): boolean {
    if (this.#state.kind === 'measuring') this.#state.bytes += bytes;
    else if (now >= this.#state.until) {
      this.#state = { kind: 'measuring', since: now, bytes };
      return true;
    }
    return false;
  }

  /** How wide the windows should be from now on; null: as they are. */
  acknowledged(now: number): number | null {
    if (this.#state.kind !== 'measuring') return null;
    const { bytes, since } = this.#state;
    const bytesPerMs = bytes / Math.max(SHORTEST_TRIP_MS, now - since);
    const tooNarrow = bytes * 3 >= this.#window * 2 && bytesPerMs > this.#bytesPerMs;
    const wider = tooNarrow && this.#window < widestWindow;
    this.#pauseMs = wider ? FIRST_PAUSE_MS : Math.min(LONGEST_PAUSE_MS, this.#pauseMs * 2);
    this.#state = { kind: 'resting', until: now + this.#pauseMs };
    if (!wider) return null;
    this.#bytesPerMs = bytesPerMs;
    this.#window = Math.min(widestWindow, bytes * 2);
    return this.#window;
  }
}
