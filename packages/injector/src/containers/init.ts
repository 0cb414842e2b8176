import type { Injection } from '../injection.ts';
import { serviceAccountMount } from '../service-account-mount.ts';
import { proxyImage, proxyPullPolicy, type Settings } from '../settings.ts';
import { resources } from './resources.ts';

const NOBODY = 65_534;

/** The container that programs the pod's redirection and ends. */
export function initContainer({ settings, spec }: Injection) {
  const serviceAccount = serviceAccountMount(spec);
  return {
    name: 'linkerd-init',
    image: proxyImage(settings),
    imagePullPolicy: proxyPullPolicy(settings),
    command: ['/usr/lib/linkerd/linkerd2-proxy-init'],
    args: args(settings),
    resources: resources(settings),
    securityContext: securityContext({ settings, spec }),
    terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts: [settings.proxyInit.xtMountPath, ...(serviceAccount === undefined ? [] : [serviceAccount])],
  };
}

function args({ proxy, proxyInit, disableIPv6 }: Settings): readonly string[] {
  const flag = (name: string, value: string | number) => (value === '' ? [] : [`--${name}`, String(value)]);
  const ignoredInbound = [proxy.ports.control, proxy.ports.admin, proxyInit.ignoreInboundPorts];
  return [
    ...(proxyInit.iptablesMode === 'nft'
      ? ['--firewall-bin-path', 'iptables-nft', '--firewall-save-bin-path', 'iptables-nft-save']
      : []),
    ...(disableIPv6 ? ['--ipv6=false'] : []),
    ...flag('incoming-proxy-port', proxy.ports.inbound),
    ...flag('outgoing-proxy-port', proxy.ports.outbound),
    ...flag('proxy-uid', proxy.uid),
    ...(proxy.gid >= 0 ? flag('proxy-gid', proxy.gid) : []),
    ...flag('inbound-ports-to-ignore', ignoredInbound.filter((ports) => ports !== '').join(',')),
    ...flag('outbound-ports-to-ignore', proxyInit.ignoreOutboundPorts),
    ...(proxyInit.closeWaitTimeoutSecs > 0
      ? flag('timeout-close-wait-secs', proxyInit.closeWaitTimeoutSecs)
      : []),
    ...flag('log-format', proxyInit.logFormat),
    ...flag('log-level', proxyInit.logLevel),
    ...flag('subnets-to-ignore', proxyInit.skipSubnets),
  ];
}

function securityContext({ settings, spec }: Pick<Injection, 'settings' | 'spec'>) {
  const { privileged, closeWaitTimeoutSecs, runAsRoot, runAsUser, runAsGroup } = settings.proxyInit;
  const { add, drop } = spec.containers?.[0]?.securityContext?.capabilities ?? {};
  const dropped = (drop ?? []).filter((name) => name !== 'NET_ADMIN' && name !== 'NET_RAW');
  const elevated = privileged || closeWaitTimeoutSecs > 0;
  return {
    allowPrivilegeEscalation: elevated,
    capabilities: {
      add: ['NET_ADMIN', 'NET_RAW', ...(add ?? [])],
      ...(dropped.length > 0 && { drop: dropped }),
    },
    privileged: elevated,
    ...(runAsRoot
      ? { runAsGroup: 0, runAsNonRoot: false, runAsUser: 0 }
      : { runAsGroup: runAsGroup || NOBODY, runAsNonRoot: true, runAsUser: runAsUser || NOBODY }),
    readOnlyRootFilesystem: true,
    seccompProfile: { type: 'RuntimeDefault' },
  };
}
