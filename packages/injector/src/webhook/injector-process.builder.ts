import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { aKeyPair, asSecret, call, MountedSecret } from '@weft/admission/testing';
import { TRUST_ANCHORS } from '../pod.builder.ts';
import { SmallApiServer } from './api-server.builder.ts';

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

export type WebhookName = 'proxy-injector' | 'policy-validator' | 'sp-validator';

/** The injector as a real process, everything it mounts in directories of its own, all on loopback. */
export class InjectorProcess {
  readonly api = new SmallApiServer();
  readonly pair = aKeyPair();
  readonly config = new MountedSecret({ values: 'linkerdVersion: v1' });
  readonly roots = new MountedSecret({ 'ca-bundle.crt': TRUST_ANCHORS });
  readonly tls = new MountedSecret();
  readonly kubeconfig = new MountedSecret();
  readonly log: string[] = [];
  readonly #ports = new Map<string, number>();
  #child: ChildProcess | undefined;

  /** Starts and waits until everything listens. */
  async start(): Promise<void> {
    this.kubeconfig.write({ config: await this.api.start() });
    const flags = ['addr', 'metrics-addr', 'policy-validator-addr', 'sp-validator-addr'];
    const child = spawn(
      process.execPath,
      [
        main,
        '-log-format=json',
        ...flags.map((flag) => `-${flag}=127.0.0.1:0`),
        ...['tls-dir', 'policy-validator-tls-dir', 'sp-validator-tls-dir'].map(
          (flag) => `-${flag}=${this.tls.directory}`,
        ),
        `-values=${this.config.directory}/values`,
        `-trust-anchors=${this.roots.directory}/ca-bundle.crt`,
        `-kubeconfig=${this.kubeconfig.directory}/config`,
      ],
      { stdio: ['ignore', 'pipe', 'pipe'], env: {} },
    );
    this.#child = child;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    child.once('exit', (code) => reject(new Error(`exited with ${code}: ${this.log.join('\n')}`)));
    let rest = '';
    child.stdout.on('data', (chunk) => {
      const lines = (rest + String(chunk)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.#note(line);
      if (this.#ports.size === flags.length) resolve();
    });
    child.stderr.on('data', (chunk) => this.log.push(String(chunk)));
    await promise;
  }

  #note(line: string): void {
    this.log.push(line);
    const { message, webhook, port } = JSON.parse(line) as {
      message: string;
      webhook?: string;
      port?: number;
    };
    if (message === 'admin server is listening') this.#ports.set('admin', port!);
    if (message === 'webhook is listening') this.#ports.set(webhook!, port!);
  }

  giveCertificate(): void {
    this.tls.write(asSecret(this.pair));
  }

  ask(webhook: WebhookName, body: object) {
    return call({ port: this.#ports.get(webhook)!, ca: this.pair.cert, body });
  }

  async admin(path: string): Promise<{ status: number; text: string }> {
    const response = await fetch(`http://127.0.0.1:${this.#ports.get('admin')}${path}`);
    return { status: response.status, text: await response.text() };
  }

  /** Sends SIGTERM and returns the exit code. */
  async stop(): Promise<number | null> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null) return child?.exitCode ?? null;
    const exited = once(child, 'exit') as Promise<[number | null]>;
    child.kill('SIGTERM');
    const [code] = await exited;
    return code;
  }

  async dispose(): Promise<void> {
    await this.stop();
    this.api.stop();
    for (const mount of [this.config, this.roots, this.tls, this.kubeconfig]) mount.remove();
  }
}
