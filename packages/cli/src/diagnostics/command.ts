import { Command, Option } from 'commander';
import { ClusterError } from '../cluster/cluster-error.ts';
import type { GlobalFlags } from '../cluster/flags.ts';
import { openCluster } from '../cluster/open-cluster.ts';
import { endedByUser } from '../ended-by-user.ts';
import { renderYaml } from '../manifest/yaml.ts';
import { parseResource, podsOf } from '../mesh/resolve-pods.ts';
import { parsePort } from '../options/parsers.ts';
import { report } from '../report.ts';
import { write } from '../terminal/write.ts';
import { proxyMetricsOf } from './proxy-metrics.ts';

/** `weft diagnostics …`: what proxies and the control plane say of themselves. */
export function diagnosticsCommand(): Command {
  return new Command('diagnostics')
    .alias('dg')
    .description('look at what proxies and the control plane know')
    .addCommand(proxyMetricsCommand())
    .addCommand(endpointsCommand())
    .addCommand(policyCommand());
}

interface MetricsFlags extends GlobalFlags {
  readonly namespace: string;
  readonly obfuscate?: boolean;
}

function proxyMetricsCommand(): Command {
  return new Command('proxy-metrics')
    .description('print the metrics of the proxies of a workload')
    .argument('<type/name>', 'such as po/web-1 or deploy/web')
    .option('-n, --namespace <name>', 'its namespace', 'default')
    .option('--obfuscate', 'hide who talks to whom')
    .action((resource: string, _: object, self: Command) =>
      report(printMetrics(resource, self.optsWithGlobals<MetricsFlags>(), endedByUser())),
    );
}

async function printMetrics(name: string, flags: MetricsFlags, signal: AbortSignal): Promise<number> {
  const resource = parseResource(name);
  const cluster = await openCluster(flags);
  const pods = await podsOf(cluster, resource, flags.namespace, signal);
  if (pods.length === 0) throw new ClusterError('not_found', `${name} has no pods`);
  let status = 0;
  for await (const { text, failed } of proxyMetricsOf(cluster, pods, {
    hide: flags.obfuscate ?? false,
    signal,
  })) {
    await write(process.stdout, text);
    if (failed) status = 1;
  }
  return status;
}

interface EndpointsFlags extends GlobalFlags {
  readonly output: 'table' | 'json';
  readonly destinationPod?: string;
  readonly token: string;
}

function endpointsCommand(): Command {
  return new Command('endpoints')
    .alias('ep')
    .description('print where the control plane sends the traffic for an authority')
    .argument('<authority...>', 'such as web.shop.svc.cluster.local:8080')
    .addOption(
      new Option('-o, --output <format>', 'how to print').choices(['table', 'json']).default('table'),
    )
    .option('--destination-pod <name>', 'pod of the destination service to ask')
    .option('--token <token>', 'whose question it is, as JSON of ns, nodeName and pod', '')
    .action((authorities: string[], _: object, self: Command) =>
      report(printEndpoints(authorities, self.optsWithGlobals<EndpointsFlags>(), endedByUser())),
    );
}

async function printEndpoints(
  authorities: readonly string[],
  flags: EndpointsFlags,
  signal: AbortSignal,
): Promise<number> {
  const { linkerdNamespace: namespace, token, destinationPod } = flags;
  const { queryEndpoints, renderEndpoints } = await import('./endpoints.ts');
  const cluster = await openCluster(flags);
  const endpoints = await queryEndpoints({ cluster, namespace, authorities, token, destinationPod, signal });
  await write(process.stdout, renderEndpoints(endpoints, flags.output));
  return 0;
}

interface PolicyFlags extends GlobalFlags {
  readonly namespace: string;
  readonly output: 'yaml' | 'json';
  readonly destinationPod?: string;
  readonly token: string;
}

function policyCommand(): Command {
  return new Command('policy')
    .description('print the policy of a port, of a pod (inbound) or of a service (outbound)')
    .argument('<type/name>', 'such as po/web-1 or svc/web')
    .argument('<port>', 'a port of it', parsePort)
    .option('-n, --namespace <name>', 'its namespace', 'default')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['yaml', 'json']).default('yaml'))
    .option('--destination-pod <name>', 'pod of the destination service to ask')
    .option('--token <token>', 'whose question it is, as namespace:pod', 'default:diagnostics')
    .action((resource: string, port: number, _: object, self: Command) =>
      report(printPolicy(resource, port, self.optsWithGlobals<PolicyFlags>(), endedByUser())),
    );
}

async function printPolicy(
  resource: string,
  port: number,
  flags: PolicyFlags,
  signal: AbortSignal,
): Promise<number> {
  const { queryPolicy } = await import('./policy.ts');
  const { destinationPod, ...rest } = flags;
  const cluster = await openCluster(flags);
  const policy = await queryPolicy({ ...rest, cluster, resource, port, destinationPod, signal });
  await write(
    process.stdout,
    flags.output === 'json' ? `${JSON.stringify(policy, null, 2)}\n` : renderYaml(policy),
  );
  return 0;
}
