import { type EnvVar, mergeEnv } from '../env-var.ts';
import type { Injection } from '../injection.ts';
import { destination, identity, policy } from './control-plane-env.ts';
import { fromField, optional, setting, variable, when } from './entries.ts';
import { inboundFacts, listeners } from './listeners.ts';
import { parameters } from './parameters.ts';
import { logging, workers } from './process.ts';
import { connections, timeouts } from './timeouts.ts';
import { tracing } from './tracing.ts';

/**
 * The environment of `linkerd-proxy`, in the order in which Linkerd's injector writes it: a variable may
 * refer to earlier ones by `$(name)`.
 */
export function proxyEnv(injection: Injection): readonly EnvVar[] {
  const { settings } = injection;
  const { proxy } = settings;
  return [
    fromField('_pod_name', 'metadata.name'),
    fromField('_pod_ns', 'metadata.namespace'),
    fromField('_pod_uid', 'metadata.uid'),
    fromField('_pod_ip', 'status.podIP'),
    fromField('_pod_nodeName', 'spec.nodeName'),
    variable('_pod_containerName', 'linkerd-proxy'),
    ...workers(settings),
    ...optional('INBOUND_PORTS_REQUIRE_IDENTITY', proxy.requireIdentityOnInboundPorts),
    setting('SHUTDOWN_ENDPOINT_ENABLED', proxy.enableShutdownEndpoint),
    ...logging(settings),
    ...destination(settings),
    ...policy(settings),
    ...timeouts(settings),
    ...listeners(settings),
    ...inboundFacts(injection),
    ...when(proxy.isGateway, setting('INBOUND_GATEWAY_SUFFIXES', `svc.${settings.clusterDomain}.`)),
    ...when(proxy.isIngress, setting('INGRESS_MODE', true)),
    setting(
      'DESTINATION_PROFILE_SUFFIXES',
      proxy.enableExternalProfiles ? '.' : `svc.${settings.clusterDomain}.`,
    ),
    ...connections(),
    setting('OUTBOUND_METRICS_HOSTNAME_LABELS', proxy.metrics.hostnameLabels),
    ...tracing(injection),
    ...parameters('INBOUND', proxy.inbound),
    ...parameters('OUTBOUND', proxy.outbound),
    ...optional('INBOUND_PORTS_DISABLE_PROTOCOL_DETECTION', proxy.opaquePorts),
    ...identity(settings),
    ...optional('ACCESS_LOG', proxy.accessLog),
    ...optional('SHUTDOWN_GRACE_PERIOD', proxy.shutdownGracePeriod),
    ...mergeEnv([], proxy.additionalEnv),
    ...proxy.experimentalEnv,
  ];
}
