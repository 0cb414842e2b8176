/** What must hold before a service calls itself ready: one gate for each, all closed at first. */
export class Readiness {
  readonly #waiting = new Set<string>();
  #draining = false;
  #onChange: ((ready: boolean) => void) | undefined;
  #last = false;

  /** Adds a gate that holds readiness back until `open` is called; `close` holds it back again. */
  gate(name: string): ReadinessGate {
    this.#waiting.add(name);
    this.#report();
    return {
      open: () => {
        this.#waiting.delete(name);
        this.#report();
      },
      close: () => {
        this.#waiting.add(name);
        this.#report();
      },
    };
  }

  get ready(): boolean {
    return !this.#draining && this.#waiting.size === 0;
  }

  /** The names of the gates still closed. */
  get waitingFor(): readonly string[] {
    return this.#draining ? ['shutdown'] : [...this.#waiting];
  }

  /** From now on not ready, whatever the gates say: the first act of a shutdown. */
  drain(): void {
    this.#draining = true;
    this.#report();
  }

  /** Calls back whenever readiness flips. One listener: the process's log. */
  onChange(listener: (ready: boolean) => void): void {
    this.#onChange = listener;
  }

  #report(): void {
    if (this.ready === this.#last) return;
    this.#last = this.ready;
    this.#onChange?.(this.ready);
  }
}

export interface ReadinessGate {
  open(): void;
  close(): void;
}
