import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { clusterProgram } from './cluster.ts';

/** Whom requests are made for. */
export interface Subject {
  readonly namespace: string;
  readonly account: string;
}

export interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** The headers that make the API server take a request for one of a service account (user impersonation). */
export function impersonating({ namespace, account }: Subject): Record<string, string | string[]> {
  return {
    'impersonate-user': `system:serviceaccount:${namespace}:${account}`,
    'impersonate-group': [
      'system:serviceaccounts',
      `system:serviceaccounts:${namespace}`,
      'system:authenticated',
    ],
  };
}

/** The API server over plain HTTP on loopback, with the rights of the tests: `kubectl proxy`. */
export class ApiServer {
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 16 });

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  static async open(): Promise<ApiServer> {
    const child = spawn(clusterProgram(), ['kubectl', 'proxy', '--port=0'], {
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
    });
    process.once('exit', () => end(child));
    const [line] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
    const port = Number(/:(\d+)\s*$/.exec(line)?.[1]);
    if (!Number.isInteger(port)) throw new Error(`kubectl proxy does not say where it listens: ${line}`);
    return new ApiServer(child, port);
  }

  /** Asks as a service account, or as the tests themselves. */
  ask(path: string, { as, body }: { as?: Subject; body?: object } = {}): Promise<ApiAnswer> {
    const { promise, resolve, reject } = Promise.withResolvers<ApiAnswer>();
    const headers = { 'content-type': 'application/json', ...(as && impersonating(as)) };
    const method = body === undefined ? 'GET' : 'POST';
    const asked = request({ port: this.port, path, method, headers, agent: this.#agent }, (response) => {
      text(response).then(
        (answer) => resolve({ status: response.statusCode ?? 0, body: JSON.parse(answer) }),
        reject,
      );
    });
    asked.on('error', reject);
    asked.end(body && JSON.stringify(body));
    return promise;
  }

  async close(): Promise<void> {
    this.#agent.destroy();
    const closed = once(this.#child, 'close');
    end(this.#child);
    await closed;
  }
}

/** The cluster's program may be a script: whatever it has started ends with it. */
function end({ pid }: ChildProcess): void {
  try {
    process.kill(-pid!, 'SIGTERM');
  } catch {
    // It has ended.
  }
}
