import { Command } from 'commander';
import { type Cluster, listObjects } from '../cluster/cluster.ts';
import { ClusterError } from '../cluster/cluster-error.ts';
import type { GlobalFlags } from '../cluster/flags.ts';
import { openCluster } from '../cluster/open-cluster.ts';
import { endedByUser } from '../ended-by-user.ts';
import { type JsonObject, textAt } from '../manifest/json.ts';
import { podName, proxyContainerOf } from '../mesh/meshed-pod.ts';
import { proxyIdentityOf } from '../mesh/proxy-identity.ts';
import { adminPortOf } from '../mesh/proxy-metrics.ts';
import { requireResource } from '../mesh/resolve-pods.ts';
import { report } from '../report.ts';
import { write } from '../terminal/write.ts';
import { certificateText } from './certificate-text.ts';
import { peerCertificates } from './peer-certificates.ts';

interface Flags extends GlobalFlags {
  readonly namespace: string;
  readonly selector?: string;
}

/** `weft identity POD…`: the certificates that proxies hold at this moment, as a handshake shows them. */
export function identityCommand(): Command {
  return new Command('identity')
    .description("print the certificates of pods' proxies")
    .argument('[pod...]', 'names of pods')
    .option('-n, --namespace <name>', 'namespace of the pods', 'default')
    .option('-l, --selector <labels>', 'the pods with these labels')
    .action((pods: string[], _: object, self: Command) =>
      report(printIdentities(pods, self.optsWithGlobals<Flags>(), endedByUser())),
    );
}

async function printIdentities(names: readonly string[], flags: Flags, signal: AbortSignal): Promise<number> {
  const cluster = await openCluster(flags);
  const pods = await findPods(cluster, names, flags, signal);
  let status = 0;
  for (const [index, pod] of pods.entries()) {
    await write(
      process.stdout,
      `\nPOD ${textAt(pod, 'metadata', 'name')} (${index + 1} of ${pods.length})\n\n`,
    );
    try {
      for (const certificate of await certificatesOf(cluster, pod)) {
        if (!certificate.ca) await write(process.stdout, certificateText(certificate));
      }
    } catch (error) {
      // The others are worth seeing all the same.
      await write(process.stderr, `weft: ${podName(pod)}: ${(error as Error).message}\n`);
      status = 1;
    }
  }
  return status;
}

async function findPods(
  cluster: Cluster,
  names: readonly string[],
  { namespace, selector }: Flags,
  signal: AbortSignal,
): Promise<JsonObject[]> {
  if ((names.length === 0) === (selector === undefined)) {
    throw new ClusterError('rejected', 'name pods, or select them with --selector');
  }
  if (selector === undefined) {
    return Promise.all(
      names.map((name) => requireResource(cluster, { plural: 'pods', name }, namespace, signal)),
    );
  }
  const path = `/api/v1/namespaces/${namespace}/pods`;
  const pods = await listObjects(cluster, path, signal, { labelSelector: selector });
  if (pods.length > 0) return pods;
  throw new ClusterError('not_found', `no pods in namespace "${namespace}" match ${selector}`);
}

async function certificatesOf(cluster: Cluster, pod: JsonObject) {
  if (proxyContainerOf(pod) === undefined) throw new Error('it has no proxy');
  const identity = proxyIdentityOf(pod);
  if (identity === undefined) throw new Error('its proxy does not say which identity it has');
  const address = { namespace: textAt(pod, 'metadata', 'namespace'), name: textAt(pod, 'metadata', 'name') };
  return peerCertificates(await cluster.forward(address, adminPortOf(pod)), identity);
}
