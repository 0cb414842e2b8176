import { patientTimeout } from '../transport/patient-timeout.ts';

/**
 * Notices a header block that has begun and does not come whole in time. It is looked at only when the time has
 * passed, so that blocks merely cut by the end of a read cost nothing.
 */
export class HeadClock {
  readonly #timeoutMs: number;
  readonly #onLate: () => void;
  #stop: (() => void) | null = null;
  /** The number of blocks complete when the clock was started, and now. */
  #startedAt = 0;
  #complete = 0;
  #unfinished = false;

  constructor(timeoutMs: number, onLate: () => void) {
    this.#timeoutMs = timeoutMs;
    this.#onLate = onLate;
  }

  /** How things stand after a read: `unfinished` while a block, or a frame of one, has not come whole. */
  note(unfinished: boolean, completeBlocks: number): void {
    this.#unfinished = unfinished;
    this.#complete = completeBlocks;
    if (unfinished && this.#stop === null) this.#start();
  }

  stop(): void {
    this.#stop?.();
    this.#stop = null;
    this.#unfinished = false;
  }

  #start(): void {
    this.#startedAt = this.#complete;
    this.#stop = patientTimeout(() => this.#look(), this.#timeoutMs);
  }

  #look(): void {
    this.#stop = null;
    if (!this.#unfinished) return;
    if (this.#complete === this.#startedAt) this.#onLate();
    else this.#start();
  }
}
