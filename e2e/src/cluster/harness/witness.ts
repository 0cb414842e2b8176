import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { stringify } from 'yaml';
import { type ApiServer, impersonating, type Subject } from './api-server.ts';

/** Verbs by method, of requests that name an object and of those that do not. */
const VERBS: Readonly<Record<string, readonly [named: string, unnamed: string]>> = {
  GET: ['get', 'list'],
  POST: ['create', 'create'],
  PUT: ['update', 'update'],
  PATCH: ['patch', 'patch'],
  DELETE: ['delete', 'deletecollection'],
};

const PATH =
  /^\/apis?\/(?:v1|(?<group>[^/]+)\/[^/]+)(?:\/namespaces\/[^/]+)?\/(?<resource>[a-z]+)(?:\/(?<name>[^/]+)(?:\/(?<sub>.+))?)?$/;

/**
 * Stands before the API server and makes every request one of a service account, which then has its rights and no
 * others; remembers what was asked for and what was forbidden.
 */
export class Witness {
  readonly #api: ApiServer;
  readonly #as: Subject;
  readonly #server = createServer((asked, answer) => this.#pass(asked, answer));
  readonly #done = new Set<string>();
  readonly #forbidden = new Set<string>();

  constructor(api: ApiServer, as: Subject) {
    this.#api = api;
    this.#as = as;
  }

  /** What was done, as `list pods`. */
  get done(): readonly string[] {
    return [...this.#done].sort();
  }

  get forbidden(): readonly string[] {
    return [...this.#forbidden].sort();
  }

  /** Starts to listen; answers with a kubeconfig that leads here. */
  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const { port } = this.#server.address() as AddressInfo;
    return stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'witness',
      contexts: [{ name: 'witness', context: { cluster: 'witness', user: 'witness' } }],
      // The library that reads this takes plain HTTP for what it is only when told so.
      clusters: [
        {
          name: 'witness',
          cluster: { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true },
        },
      ],
      users: [{ name: 'witness', user: {} }],
    });
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #pass(asked: IncomingMessage, answer: ServerResponse): void {
    const what = describe(asked);
    this.#done.add(what);
    const headers = { ...asked.headers, ...impersonating(this.#as) };
    const passed = request(
      { port: this.#api.port, method: asked.method, path: asked.url, headers },
      (response) => {
        if (response.statusCode === 403) this.#forbidden.add(what);
        answer.writeHead(response.statusCode ?? 502, response.headers);
        response.on('error', () => answer.destroy());
        response.pipe(answer);
      },
    );
    passed.on('error', () => answer.destroy());
    answer.on('close', () => passed.destroy());
    asked.pipe(passed);
  }
}

function describe({ method = '', url = '' }: IncomingMessage): string {
  const { pathname, searchParams } = new URL(url, 'http://witness');
  const { group, resource = pathname, name, sub } = PATH.exec(pathname)?.groups ?? {};
  const [named, unnamed] = VERBS[method] ?? [method, method];
  const verb =
    name === undefined && ['true', '1'].includes(searchParams.get('watch') ?? '') ? 'watch' : undefined;
  const full = [[resource, ...(group === undefined ? [] : [group])].join('.'), ...(sub ? [sub] : [])];
  return `${verb ?? (name === undefined ? unnamed : named)} ${full.join('/')}`;
}
