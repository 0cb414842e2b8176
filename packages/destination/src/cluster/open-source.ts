import {
  type ManifestsOptions,
  openCluster,
  openManifests,
  type ResourceSource,
  requireAccess,
} from '@weft/kubernetes';
import { ConfigError, type Logger, type Registry } from '@weft/service';
import type { DestinationConfig } from '../config/settings.ts';
import type { DestinationMetrics } from '../metrics.ts';
import { logManifestProblems } from '../reporting.ts';
import { watchedKinds } from './cluster.ts';
import { meshProblems } from './mesh-problems.ts';

export interface OpenedSource {
  readonly source: ResourceSource;
  /** Settles when the signal is aborted and every watch is closed. */
  readonly finished: Promise<void>;
}

export interface SourceDependencies {
  readonly config: DestinationConfig;
  readonly logger: Logger;
  readonly metrics: DestinationMetrics;
  readonly registry: Registry;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Where the cluster's objects come from: directories of manifests if there are any, else the API server of a
 * kubeconfig, else that of the cluster this runs in.
 * @throws when there is no API server to be found, or it denies what is needed.
 */
export async function openSource(
  dependencies: SourceDependencies,
  signal: AbortSignal,
): Promise<OpenedSource> {
  const { manifests, kubeconfig } = dependencies.config;
  if (manifests.length === 0) return followCluster(dependencies, signal);
  if (kubeconfig !== '')
    throw new ConfigError([
      { key: '-kubeconfig', value: kubeconfig, problem: 'cannot be used together with -manifests' },
    ]);
  return followManifests(dependencies, signal);
}

function followManifests({ config, logger, metrics }: SourceDependencies, signal: AbortSignal): OpenedSource {
  const onProblems: ManifestsOptions['onProblems'] = (directory, problems) => {
    metrics.manifestProblems(directory, problems);
    logManifestProblems(logger, directory, problems);
  };
  const { manifests: directories, serviceCidr } = config;
  return openManifests({ directories, serviceCidr, onProblems }, signal);
}

async function followCluster(
  { config, logger, registry, env }: SourceDependencies,
  signal: AbortSignal,
): Promise<OpenedSource> {
  const { kubeconfig } = config;
  const cluster = await openCluster({
    kubeconfig,
    env,
    userAgent: 'weft-destination',
    log: logger,
    registry,
    check: meshProblems,
  });
  logger.info('following the API server', { server: cluster.api.server });
  const listPods = { verb: 'list', group: '', resource: 'pods' };
  await requireAccess(cluster.api, listPods, { log: logger, signal });
  return cluster.follow(watchedKinds, signal);
}
