import { Agent as HttpAgent } from 'node:http';
import { Agent, type RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { agentOptions, type Connection, ConnectionError, type Credentials } from './connection.ts';
import { Remembered } from './remembered.ts';

/** How long what a kubeconfig says (and a plugin it runs answers) is taken as it is, in ms. */
const REREAD_MS = 10_000;

/**
 * The API server as a kubeconfig file describes it, read by @kubernetes/client-node: contexts, certificates,
 * tokens, exec plugins, OIDC and proxies are its part.
 *
 * The rest of that library is not used. Importing any of it costs a process 35 MB (90 MB when it is not bundled)
 * and up to a second, so it is imported here, only when there is a kubeconfig. Its watch passes over lines it
 * cannot parse, and ends after 30 s of silence, of which a quiet kind has more between two bookmarks.
 */
export class KubeconfigConnection implements Connection {
  readonly server: URL;
  readonly #config: KubeConfig;
  readonly #credentials: Remembered<Credentials>;
  #agent: { readonly of: string; readonly agent: Agent } | undefined;

  private constructor(server: URL, config: KubeConfig) {
    this.server = server;
    this.#config = config;
    this.#credentials = new Remembered(() => this.#read(), REREAD_MS);
  }

  /** @throws ConnectionError that names the file. */
  static async open(path: string): Promise<KubeconfigConnection> {
    const { KubeConfig } = await import('@kubernetes/client-node');
    const config = new KubeConfig();
    try {
      config.loadFromFile(path);
    } catch (cause) {
      throw new ConnectionError(`the kubeconfig ${path} cannot be read`, cause);
    }
    const server = config.getCurrentCluster()?.server;
    if (server === undefined || !URL.canParse(server))
      throw new ConnectionError(
        `the kubeconfig ${path} has no server in its current context ${JSON.stringify(config.getCurrentContext() ?? '')}`,
      );
    return new KubeconfigConnection(new URL(server), config);
  }

  credentials(): Promise<Credentials> {
    return this.#credentials.get();
  }

  refresh(): void {
    this.#credentials.forget();
  }

  async #read(): Promise<Credentials> {
    const options: RequestOptions = {};
    try {
      await this.#config.applyToHTTPSOptions(options);
    } catch (cause) {
      throw new ConnectionError(
        `the credentials for ${this.server.origin} in the kubeconfig cannot be used`,
        cause,
      );
    }
    const headers: Record<string, string> = {};
    if (typeof options.auth === 'string') headers.authorization = basicAuthorization(options.auth);
    for (const [name, value] of Object.entries(options.headers ?? {}))
      headers[name.toLowerCase()] = String(value);
    return { agent: this.#agentOf(options), headers };
  }

  #agentOf({ agent, ca, cert, key, passphrase, rejectUnauthorized, servername }: RequestOptions): HttpAgent {
    // The library's agents do not keep connections open. One for a proxy, or for plain HTTP, is taken as it is.
    const isSpecial = this.server.protocol === 'http:' || this.#config.getCurrentCluster()?.proxyUrl;
    if (isSpecial && agent instanceof HttpAgent) return agent;
    const tls = withoutUndefined({ ca, cert, key, passphrase, rejectUnauthorized, servername });
    const of = JSON.stringify(tls);
    if (this.#agent?.of !== of) this.#agent = { of, agent: new Agent({ ...agentOptions, ...tls }) };
    return this.#agent.agent;
  }
}

function basicAuthorization(userAndPassword: string): string {
  return `Basic ${Buffer.from(userAndPassword).toString('base64')}`;
}

function withoutUndefined<T extends object>(options: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
