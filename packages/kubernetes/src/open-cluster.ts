import type { Registry } from 'prom-client';
import { ApiClient } from './api/api-client.ts';
import { type ConnectOptions, connectCluster } from './api/connect-cluster.ts';
import type { Log } from './api/log.ts';
import type { Kind } from './kinds.ts';
import { ApiServerSource } from './sources/api-server/api-server-source.ts';
import type { CheckObject } from './sources/api-server/decode-object.ts';
import { ApiServerMetrics } from './sources/api-server/metrics.ts';
import type { ReflectorTiming } from './sources/api-server/reflector-timing.ts';
import { ApiServerReporter } from './sources/api-server/reporter.ts';

export interface OpenClusterOptions extends ConnectOptions {
  /** Who asks: `weft-destination`. */
  readonly userAgent: string;
  readonly log: Log;
  readonly registry: Registry;
  readonly timing?: Partial<ReflectorTiming>;
  /** What is wrong with an object that can be read; see `ApiServerSourceOptions`. */
  readonly check?: CheckObject;
}

/** A cluster by its API server: requests to it, and its objects as a source. */
export interface OpenedCluster {
  readonly api: ApiClient;
  /** Follows these kinds until the signal is aborted, then `finished` resolves. To be called once. */
  follow(
    kinds: readonly Kind[],
    signal: AbortSignal,
  ): { readonly source: ApiServerSource; readonly finished: Promise<void> };
}

/** Finds the API server and makes a client for it, with metrics and logs. @throws ConnectionError */
export async function openCluster(options: OpenClusterOptions): Promise<OpenedCluster> {
  const { userAgent, log, registry, timing, check } = options;
  const connection = await connectCluster(options);
  const metrics = new ApiServerMetrics(registry);
  const api = new ApiClient({ connection, userAgent, observer: metrics });
  metrics.observeClient(api);
  return {
    api,
    follow: (kinds, signal) => {
      const observer = new ApiServerReporter(log, metrics);
      const source = new ApiServerSource({
        api,
        kinds,
        observer,
        ...(timing === undefined ? {} : { timing }),
        ...(check === undefined ? {} : { check }),
      });
      metrics.observeSource(source);
      return { source, finished: source.run(signal) };
    },
  };
}
