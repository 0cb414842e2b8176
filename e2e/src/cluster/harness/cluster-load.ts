import { pause, waitFor } from '../../harness/wait-for.ts';
import type { TestNamespace } from './test-namespace.ts';

interface Counts {
  readonly sent: number;
  readonly failed: number;
}

/** How often the shop's traffic tells what it has counted. */
const TELLS_EVERY_MS = 2000;

/** The shop's steady traffic, read from the logs of its pod: every answer but a success counts as failed. */
export class ClusterLoad {
  readonly #shop: TestNamespace;
  readonly #pod: string;
  #begin: Counts = { sent: 0, failed: 0 };
  #lines = 0;

  private constructor(shop: TestNamespace, pod: string) {
    this.#shop = shop;
    this.#pod = pod;
  }

  /** Begins to count, once the traffic flows without failure. */
  static async begin(shop: TestNamespace): Promise<ClusterLoad> {
    const { metadata } = await shop.pod('traffic');
    const load = new ClusterLoad(shop, metadata.name);
    await waitFor('traffic flows', 60_000, async () => {
      const before = await load.#counts();
      await pause(2 * TELLS_EVERY_MS);
      const after = await load.#counts();
      return after.sent > before.sent && after.failed === before.failed;
    });
    load.#begin = await load.#counts();
    load.#lines = (await load.#errors()).length;
    return load;
  }

  /** What was counted since the beginning; a failure comes with what it said. */
  async soFar(): Promise<Counts & { readonly errors: readonly string[] }> {
    await pause(TELLS_EVERY_MS + 200);
    const { sent, failed } = await this.#counts();
    return {
      sent: sent - this.#begin.sent,
      failed: failed - this.#begin.failed,
      errors: (await this.#errors()).slice(this.#lines, this.#lines + 5),
    };
  }

  async #log(): Promise<readonly string[]> {
    return (await this.#shop.logs(this.#pod, 'traffic')).split('\n');
  }

  async #counts(): Promise<Counts> {
    const last = (await this.#log()).findLast((line) => line.startsWith('{'));
    return last === undefined ? { sent: 0, failed: 0 } : (JSON.parse(last) as Counts);
  }

  async #errors(): Promise<readonly string[]> {
    return (await this.#log()).filter((line) => line !== '' && !line.startsWith('{'));
  }
}
