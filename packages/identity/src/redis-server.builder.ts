import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Whether the machine has the program that the tests against a real Redis need. */
export const hasRedisServer = spawnSync('redis-server', ['--version']).status === 0;

/** A real Redis on a free port of loopback, without persistence. */
export class RedisServer {
  readonly port: number;
  #process: ChildProcess | undefined;

  private constructor(port: number) {
    this.port = port;
  }

  static async onFreePort(): Promise<RedisServer> {
    const probe = createServer().listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const address = probe.address();
    probe.close();
    if (address === null || typeof address === 'string') throw new Error('no free port');
    return new RedisServer(address.port);
  }

  async start(): Promise<void> {
    const args = ['--port', String(this.port), '--save', '', '--bind', '127.0.0.1'];
    const server = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'ignore'] });
    this.#process = server;
    for await (const chunk of server.stdout) if (String(chunk).includes('Ready to accept')) break;
  }

  /** Stops answering without closing anything. */
  freeze(): void {
    this.#process?.kill('SIGSTOP');
  }

  async stop(): Promise<void> {
    const server = this.#process;
    if (server === undefined) return;
    this.#process = undefined;
    const exited = once(server, 'exit');
    server.kill('SIGKILL');
    await exited;
  }
}
