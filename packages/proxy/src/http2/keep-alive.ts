import type { KeepAliveOptions } from './options.ts';

export interface KeepAliveTarget {
  readonly hasStreams: boolean;
  sendKeepAlivePing(): void;
  keepAliveTimedOut(): void;
}

/**
 * idle ── interval without a byte from the peer ──▶ waiting ── timeout ──▶ given up
 *   ▲──────────────── acknowledged ───────────────────┘
 */
type KeepAliveState = 'idle' | 'waiting';

/** Asks a silent peer for a sign of life with PING (RFC 9113 section 6.7). */
export class KeepAlive {
  readonly #options: KeepAliveOptions;
  readonly #target: KeepAliveTarget;
  readonly #check = () => this.#onTimer();
  #state: KeepAliveState = 'idle';
  #heard = false;
  #timer: NodeJS.Timeout | null;

  constructor(options: KeepAliveOptions, target: KeepAliveTarget) {
    this.#options = options;
    this.#target = target;
    this.#timer = setTimeout(this.#check, options.intervalMs);
    this.#timer.unref();
  }

  /** Bytes have come from the peer. */
  heard(): void {
    this.#heard = true;
  }

  acknowledged(): void {
    if (this.#state === 'waiting') this.#rest();
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #onTimer(): void {
    if (this.#state === 'waiting') {
      this.#timer = null;
      this.#target.keepAliveTimedOut();
    } else if (this.#heard || (!this.#target.hasStreams && !this.#options.whileIdle)) {
      this.#rest();
    } else {
      this.#state = 'waiting';
      this.#arm(this.#options.timeoutMs);
      this.#target.sendKeepAlivePing();
    }
  }

  #rest(): void {
    this.#state = 'idle';
    this.#heard = false;
    this.#arm(this.#options.intervalMs);
  }

  #arm(delayMs: number): void {
    if (this.#timer === null) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#check, delayMs);
    this.#timer.unref();
  }
}
