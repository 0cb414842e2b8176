import { pause } from '../../harness/wait-for.ts';
import { tryKubectl } from './kubectl.ts';
import { isMeshed, type Pod } from './test-namespace.ts';

export interface ProbeResult {
  readonly created: number;
  /** What became of those that came without a proxy, or not at all. */
  readonly problems: readonly string[];
}

/** Creates pods one after the other, each through the whole of admission and then forgotten by the API server. */
export class WebhookProbe {
  readonly #namespace: string;
  readonly #problems: string[] = [];
  readonly #done: Promise<void>;
  #created = 0;
  #stopped = false;

  private constructor(namespace: string) {
    this.#namespace = namespace;
    this.#done = this.#run();
  }

  /** In a namespace whose pods ask for a proxy. */
  static begin(namespace: string): WebhookProbe {
    return new WebhookProbe(namespace);
  }

  async end(): Promise<ProbeResult> {
    this.#stopped = true;
    await this.#done;
    return { created: this.#created, problems: this.#problems };
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      await this.#create(`probe-${this.#created}`);
      this.#created += 1;
      await pause(50);
    }
  }

  async #create(name: string): Promise<void> {
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: this.#namespace },
      spec: { containers: [{ name: 'app', image: 'none' }] },
    };
    const args = ['create', '--dry-run=server', '-o', 'json', '-f', '-'];
    const { status, stdout, stderr } = await tryKubectl(args, JSON.stringify(pod));
    const problem = status !== 0 ? stderr.trim() : isMeshed(JSON.parse(stdout) as Pod) ? '' : 'has no proxy';
    if (problem !== '') this.#problems.push(`${name} at ${new Date().toISOString()}: ${problem}`);
  }
}
