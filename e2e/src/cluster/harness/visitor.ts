import { waitFor } from '../../harness/wait-for.ts';
import { insideDeployment } from './inside-deployment.ts';
import type { TestNamespace } from './test-namespace.ts';

export interface Visit {
  /** When the answer was there, in ms since the epoch. */
  readonly at: number;
  readonly url: string;
  /** 0 where there was none. */
  readonly status: number;
  readonly body: string;
}

/** A pod that visits services at a pace, every time over connections of its own. */
export class Visitor {
  readonly #namespace: TestNamespace;
  readonly #name: string;

  private constructor(namespace: TestNamespace, name: string) {
    this.#namespace = namespace;
    this.#name = name;
  }

  /** Starts one and waits until every service has answered it. */
  static async start(
    namespace: TestNamespace,
    name: string,
    everyMs: number,
    ...urls: readonly string[]
  ): Promise<Visitor> {
    await namespace.apply(insideDeployment(name, 'visitor.mjs', [String(everyMs), ...urls]));
    const visitor = new Visitor(namespace, name);
    await waitFor(`${name} is answered by ${urls.join()}`, 90_000, async () => {
      const visits = await visitor.visits();
      return urls.every((url) => visits.some((visit) => visit.url === url && visit.status === 200));
    });
    return visitor;
  }

  /** Since a moment, in ms since the epoch. */
  async visits(since = 0): Promise<readonly Visit[]> {
    const { metadata } = await this.#namespace.pod(this.#name);
    const lines = (await this.#namespace.logs(metadata.name, this.#name)).split('\n');
    const visits = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Visit);
    return visits.filter(({ at }) => at >= since);
  }

  async failures(since = 0): Promise<readonly Visit[]> {
    return (await this.visits(since)).filter(({ status }) => status !== 200);
  }

  /** When, after a moment, somebody was first heard whose answer says so; in ms since the epoch. Waits for it. */
  async heardFrom(who: string, since: number, ms: number): Promise<number> {
    const { at } = await waitFor(`an answer from ${who}`, ms, async () =>
      (await this.visits(since)).find(({ body }) => body.includes(who)),
    );
    return at;
  }
}
