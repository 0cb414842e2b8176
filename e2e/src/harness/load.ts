import type { Mesh } from './mesh.ts';
import { pause, waitFor } from './wait-for.ts';

interface Counts {
  readonly sent: number;
  readonly failed: number;
}

/** How often the shop's traffic tells what it has counted. */
const TELLS_EVERY_MS = 2000;

/**
 * The shop's steady traffic: pages over HTTP/1.1, orders by unary gRPC with a mail each, and gRPC streams that follow
 * them. Every answer but a success counts as failed.
 */
export class Load {
  readonly #mesh: Mesh;
  #begin: Counts = { sent: 0, failed: 0 };
  #lines = 0;

  private constructor(mesh: Mesh) {
    this.#mesh = mesh;
  }

  /** Begins to count, once the traffic flows without failure. */
  static async begin(mesh: Mesh): Promise<Load> {
    const load = new Load(mesh);
    await waitFor('traffic flows', 30_000, async () => {
      const before = load.#counts();
      await pause(2 * TELLS_EVERY_MS);
      const after = load.#counts();
      return after.sent > before.sent && after.failed === before.failed;
    });
    load.#begin = load.#counts();
    load.#lines = load.#errors().length;
    return load;
  }

  /** What was counted since the beginning; a failure comes with what it said. */
  async soFar(): Promise<Counts & { readonly errors: readonly string[] }> {
    await pause(TELLS_EVERY_MS + 200);
    const { sent, failed } = this.#counts();
    return {
      sent: sent - this.#begin.sent,
      failed: failed - this.#begin.failed,
      errors: this.#errors().slice(this.#lines, this.#lines + 5),
    };
  }

  #log(): readonly string[] {
    return this.#mesh.logs('traffic', 'traffic').split('\n');
  }

  #counts(): Counts {
    const last = this.#log().findLast((line) => line.startsWith('{'));
    return last === undefined ? { sent: 0, failed: 0 } : (JSON.parse(last) as Counts);
  }

  #errors(): readonly string[] {
    return this.#log().filter((line) => line !== '' && !line.startsWith('{'));
  }
}
