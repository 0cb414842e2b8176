/** Says what one part of the proxy believes at this moment, in what JSON can hold. */
export type Describe = () => unknown;

/**
 * What the proxy believes, put together when somebody asks. Each part answers for its own section and bounds
 * it; a part that fails says so in its section and spoils no other.
 */
export class DebugState {
  readonly #sections = new Map<string, Describe>();

  section(name: string, describe: Describe): void {
    this.#sections.set(name, describe);
  }

  /** Sections in the order in which they were added. */
  describe(): Record<string, unknown> {
    return Object.fromEntries(Array.from(this.#sections, ([name, each]) => [name, attempt(each)]));
  }
}

function attempt(describe: Describe): unknown {
  try {
    return describe();
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}
