/** What the server must reach when it shuts down. */
export class OpenCalls {
  readonly #streams = new Set<() => void>();
  readonly #controllers = new Set<AbortController>();
  #draining = false;

  get draining(): boolean {
    return this.#draining;
  }

  /** A call has begun; its controller is aborted when the server is cut off. */
  add(controller: AbortController): void {
    this.#controllers.add(controller);
  }

  remove(controller: AbortController): void {
    this.#controllers.delete(controller);
  }

  /** A stream is open; `end` ends it with OK. Returns the way to say it has ended. */
  addStream(end: () => void): () => void {
    this.#streams.add(end);
    return () => this.#streams.delete(end);
  }

  endStreams(): void {
    this.#draining = true;
    for (const end of [...this.#streams]) end();
  }

  abort(): void {
    for (const controller of this.#controllers) controller.abort(new Error('the server is shutting down'));
  }
}
