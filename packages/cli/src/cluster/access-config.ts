import type { Agent, OutgoingHttpHeaders } from 'node:http';
import type { RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { ClusterError } from './cluster-error.ts';

type HttpsOptions = RequestOptions & { auth?: unknown };

/** What a request needs to be let in. */
export interface Access {
  readonly agent: Agent | undefined;
  readonly headers: OutgoingHttpHeaders;
}

/** Tokens of plugins expire; they are asked for again after this time, in ms. */
const REREAD_MS = 60_000;

/** The credentials of a kubeconfig, and whom to act as. */
export class AccessConfig {
  readonly #config: KubeConfig;
  readonly #groups: readonly string[];
  #read: { readonly access: Promise<Access>; readonly at: number } | undefined;

  constructor(config: KubeConfig, groups: readonly string[]) {
    this.#config = config;
    this.#groups = groups;
  }

  current(): Promise<Access> {
    if (this.#read === undefined || Date.now() - this.#read.at > REREAD_MS) {
      this.#read = { access: this.#load(), at: Date.now() };
    }
    return this.#read.access;
  }

  async #load(): Promise<Access> {
    const options: HttpsOptions = {};
    try {
      await this.#config.applyToHTTPSOptions(options);
    } catch (cause) {
      const problem = cause instanceof Error ? cause.message : String(cause);
      throw new ClusterError(
        'no_configuration',
        `the credentials of the kubeconfig cannot be used: ${problem}`,
        {
          cause,
        },
      );
    }
    const { auth, headers, agent } = options;
    return {
      agent: typeof agent === 'object' ? agent : undefined,
      headers: {
        ...(typeof auth === 'string' && { authorization: `Basic ${Buffer.from(auth).toString('base64')}` }),
        ...(headers as OutgoingHttpHeaders | undefined),
        ...(this.#groups.length > 0 && { 'impersonate-group': [...this.#groups] }),
      },
    };
  }
}
