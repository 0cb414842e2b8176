import { type ApiClient, EventRecorder, openCluster, requireAccess } from '@weft/kubernetes';
import type { Logger, Registry } from '@weft/service';
import type { IdentityConfig } from './settings.ts';

/** What identity needs of a cluster: whose a token is, and where to put events. */
export interface KubernetesAccess {
  readonly api: ApiClient;
  readonly events: EventRecorder;
  /** Makes sure of the permissions and writes events until the signal is aborted. */
  start(signal: AbortSignal): Promise<void>;
}

export interface KubernetesAccessOptions {
  readonly config: IdentityConfig;
  readonly logger: Logger;
  readonly registry: Registry;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const reviewTokens = { verb: 'create', group: 'authentication.k8s.io', resource: 'tokenreviews' };

/** The cluster that tokens are asked of; undefined when their keys are known here. @throws ConnectionError */
export async function openKubernetes(
  options: KubernetesAccessOptions,
): Promise<KubernetesAccess | undefined> {
  const { config, logger, registry, env } = options;
  if (config.tokenPublicKeys !== '') return undefined;
  const { kubeconfig, serviceAccount } = config;
  const { api } = await openCluster({ kubeconfig, env, userAgent: 'weft-identity', log: logger, registry });
  const source = { component: serviceAccount, instance: env.HOSTNAME ?? serviceAccount };
  const events = new EventRecorder({ api, source, log: logger, registry });
  return {
    api,
    events,
    start: async (signal) => {
      await requireAccess(api, reviewTokens, { log: logger, signal });
      void events.run(signal);
    },
  };
}
