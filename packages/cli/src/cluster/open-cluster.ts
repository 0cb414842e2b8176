import type { KubeConfig } from '@kubernetes/client-node';
import { AccessConfig } from './access-config.ts';
import type { Cluster } from './cluster.ts';
import { ClusterError } from './cluster-error.ts';
import type { GlobalFlags } from './flags.ts';
import { HttpCluster } from './http-cluster.ts';
import { forwardPort } from './port-forward.ts';

/**
 * The cluster that the flags, or else the environment, name. Nothing is sent to it yet.
 * @throws ClusterError `no_configuration`
 */
export async function openCluster(flags: GlobalFlags): Promise<Cluster> {
  const config = await loadConfig(flags);
  const server = config.getCurrentCluster()?.server;
  if (server === undefined || !URL.canParse(server) || isInvented(server, flags)) {
    throw new ClusterError(
      'no_configuration',
      'no cluster is configured: set KUBECONFIG, or use --kubeconfig and --context',
    );
  }
  const access = new AccessConfig(config, flags.asGroup ?? []);
  return new HttpCluster(new URL(server), access, (pod, port) => forwardPort(config, pod, port));
}

/** Where it finds no kubeconfig, the library supposes a server on this machine that nobody has spoken of. */
function isInvented(server: string, { apiAddr, kubeconfig }: GlobalFlags): boolean {
  return apiAddr === undefined && kubeconfig === undefined && server === 'http://localhost:8080';
}

/** The library takes its second to load, so only commands that need a cluster do so. */
async function loadConfig({ kubeconfig, context, as, apiAddr }: GlobalFlags): Promise<KubeConfig> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  try {
    if (apiAddr !== undefined) {
      const cluster = { name: apiAddr, server: `http://${apiAddr}`, skipTLSVerify: true };
      config.loadFromClusterAndUser(cluster, { name: 'none' });
    } else if (kubeconfig !== undefined) config.loadFromFile(kubeconfig);
    else config.loadFromDefault();
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new ClusterError('no_configuration', `the kubeconfig cannot be used: ${problem}`, { cause });
  }
  if (context !== undefined) selectContext(config, context);
  const user = config.getCurrentUser();
  if (as !== undefined && user !== null) {
    config.users = config.users.map((one) =>
      one.name === user.name ? { ...one, impersonateUser: as } : one,
    );
  }
  return config;
}

function selectContext(config: KubeConfig, context: string): void {
  const names = config.getContexts().map(({ name }) => name);
  if (!names.includes(context)) {
    throw new ClusterError(
      'no_configuration',
      `the kubeconfig has no context "${context}"; it has ${names.join(', ') || 'none'}`,
    );
  }
  config.setCurrentContext(context);
}
