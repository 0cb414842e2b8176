const slots = 512;

/**
 * Remembers how the latest streams ended, because frames for a stream that we have reset may still be under
 * way, while frames for one that has ended break the protocol. Ends of both kinds are overwritten by later
 * ones of their kind, so that a burst of ordinary streams does not push out the resets.
 */
export class ClosedStreams {
  /** Ids by half the id, modulo the number of slots. Made when the first stream closes. */
  #ended: Uint32Array | null = null;
  #reset: Uint32Array | null = null;

  remember(streamId: number, resetByUs: boolean): void {
    if (resetByUs) {
      this.#reset ??= new Uint32Array(slots);
      this.#reset[(streamId >>> 1) % slots] = streamId;
    } else {
      this.#ended ??= new Uint32Array(slots);
      this.#ended[(streamId >>> 1) % slots] = streamId;
    }
  }

  wasReset(streamId: number): boolean {
    return this.#reset !== null && this.#reset[(streamId >>> 1) % slots] === streamId;
  }

  wasEnded(streamId: number): boolean {
    return this.#ended !== null && this.#ended[(streamId >>> 1) % slots] === streamId;
  }

  /** Closed too long ago to tell, or never open. */
  isForgotten(streamId: number): boolean {
    return !this.wasReset(streamId) && !this.wasEnded(streamId);
  }
}
