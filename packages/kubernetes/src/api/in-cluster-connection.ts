import { readFile } from 'node:fs/promises';
import { Agent } from 'node:https';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import { agentOptions, type Connection, ConnectionError, type Credentials } from './connection.ts';
import { Remembered } from './remembered.ts';

const SERVICE_ACCOUNT_DIRECTORY = '/var/run/secrets/kubernetes.io/serviceaccount';

/** The kubelet replaces a projected token long before it expires; it is read again this often, in ms. */
const REREAD_MS = 10_000;

export interface InClusterOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where `token` and `ca.crt` are. Default: where the kubelet puts them. */
  readonly directory?: string;
}

/**
 * The API server as a pod reaches it, with the pod's service account: two variables and two files. This needs
 * no library, which keeps its memory out of each service (see `kubeconfig-connection.ts`).
 */
export class InClusterConnection implements Connection {
  readonly server: URL;
  readonly #directory: string;
  readonly #credentials: Remembered<Credentials>;
  #trusted: { readonly ca: string; readonly agent: Agent } | undefined;

  /** @throws ConnectionError when this process does not run in a pod. */
  constructor({ env, directory = SERVICE_ACCOUNT_DIRECTORY }: InClusterOptions) {
    const { KUBERNETES_SERVICE_HOST: host = '', KUBERNETES_SERVICE_PORT: port = '' } = env;
    if (host === '' || port === '')
      throw new ConnectionError(
        'KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set: this is no pod of a cluster; name a kubeconfig file instead',
      );
    this.server = new URL(`https://${isIPv6(host) ? `[${host}]` : host}:${port}`);
    this.#directory = directory;
    this.#credentials = new Remembered(() => this.#read(), REREAD_MS);
  }

  credentials(): Promise<Credentials> {
    return this.#credentials.get();
  }

  refresh(): void {
    this.#credentials.forget();
  }

  async #read(): Promise<Credentials> {
    const [token, ca] = await Promise.all([this.#file('token'), this.#file('ca.crt')]);
    // Requests under way keep the agent they began with; its idle connections end with it.
    if (this.#trusted?.ca !== ca) this.#trusted = { ca, agent: new Agent({ ...agentOptions, ca }) };
    return { agent: this.#trusted.agent, headers: { authorization: `Bearer ${token.trim()}` } };
  }

  async #file(name: string): Promise<string> {
    const path = join(this.#directory, name);
    try {
      return await readFile(path, 'utf8');
    } catch (cause) {
      throw new ConnectionError(`the service account's ${path} cannot be read`, cause);
    }
  }
}
