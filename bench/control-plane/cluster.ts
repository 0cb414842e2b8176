import { type ApiClient, isApiError, openCluster } from '@weft/kubernetes';
import { createRegistry, silentLogger } from '@weft/service';

/** Requests to the cluster's API server, as the user of the kubeconfig. */
export class BenchCluster {
  readonly #api: ApiClient;
  readonly #signal: AbortSignal;

  private constructor(api: ApiClient, signal: AbortSignal) {
    this.#api = api;
    this.#signal = signal;
  }

  static async open(kubeconfig: string, signal: AbortSignal): Promise<BenchCluster> {
    const { api } = await openCluster({
      kubeconfig,
      env: process.env,
      userAgent: 'weft-bench',
      log: silentLogger,
      registry: createRegistry(),
    });
    return new BenchCluster(api, signal);
  }

  get(path: string, query?: Record<string, string | number>): Promise<unknown> {
    return this.#api.call({ path, ...(query === undefined ? {} : { query }), signal: this.#signal });
  }

  /** Whether an object is there, but being deleted. */
  async isEnding(path: string): Promise<boolean> {
    try {
      const { metadata } = (await this.get(path)) as { readonly metadata: { deletionTimestamp?: string } };
      return metadata.deletionTimestamp !== undefined;
    } catch (error) {
      if (isApiError(error, 'not_found')) return false;
      throw error;
    }
  }

  /** The body of an answer that does not end, until the signal does. */
  open(path: string, query: Record<string, string>, signal: AbortSignal): Promise<NodeJS.ReadableStream> {
    return this.#api.open({ path, query, signal: AbortSignal.any([signal, this.#signal]) }, 600_000);
  }

  post(path: string, body: unknown, query?: Record<string, string>): Promise<unknown> {
    const method = 'POST';
    return this.#api.call({
      method,
      path,
      body,
      ...(query === undefined ? {} : { query }),
      signal: this.#signal,
    });
  }

  /** As `post`; an object that is there already stays as it is. */
  async create(path: string, body: unknown): Promise<void> {
    try {
      await this.post(path, body);
    } catch (error) {
      if (!isApiError(error, 'conflict')) throw error;
    }
  }

  /** Changes an object by a JSON merge patch, or by a JSON patch when the body is a list. */
  patch(path: string, body: unknown): Promise<unknown> {
    const contentType = `application/${Array.isArray(body) ? 'json-patch' : 'merge-patch'}+json`;
    return this.#api.call({ method: 'PATCH', path, body, contentType, signal: this.#signal });
  }

  /** Deletes an object, if it is there. */
  async delete(path: string): Promise<void> {
    try {
      await this.#api.call({ method: 'DELETE', path, signal: this.#signal });
    } catch (error) {
      if (!isApiError(error, 'not_found')) throw error;
    }
  }
}
