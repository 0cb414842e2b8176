import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../harness/folder.ts';
import { waitFor } from '../../harness/wait-for.ts';
import { aDeployment } from './manifests.ts';
import type { TestNamespace } from './test-namespace.ts';

const VISITOR = readFileSync(join(root, 'e2e', 'src', 'inside', 'visitor.mjs'), 'utf8');

export interface Visit {
  /** When the answer was there, in ms since the epoch. */
  readonly at: number;
  /** 0 where there was none. */
  readonly status: number;
  readonly body: string;
}

/** A pod that visits a service at a pace, every time over a connection of its own. */
export class Visitor {
  readonly #namespace: TestNamespace;
  readonly #name: string;

  private constructor(namespace: TestNamespace, name: string) {
    this.#namespace = namespace;
    this.#name = name;
  }

  /** Starts one and waits for its first success. */
  static async start(namespace: TestNamespace, name: string, url: string, everyMs: number): Promise<Visitor> {
    const command = ['node', '--input-type=module', '-e', VISITOR, '-', url, String(everyMs)];
    await namespace.apply(aDeployment(name, '', { container: { command } }));
    const visitor = new Visitor(namespace, name);
    await waitFor(`${name} is answered by ${url}`, 90_000, async () =>
      (await visitor.visits()).some(({ status }) => status === 200),
    );
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
}
