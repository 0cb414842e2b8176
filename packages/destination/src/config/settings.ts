import { baseSettings, type Config, setting, values } from '@weft/service';
import type { MeshConfig } from '../mesh-config.ts';
import { defaultPolicy, http2Params, networkList, pathList, portSet, serviceNetwork } from './values.ts';

const optional = (flag: string, help: string) => setting({ flag, value: values.text, default: '', help });

/** Flags of Linkerd's destination and policy controllers; defaults are those of its chart. */
export const destinationSettings = {
  ...baseSettings,
  adminAddr: setting({
    ...baseSettings.adminAddr,
    flag: 'metrics-addr',
    default: ':9996',
  }),
  addr: setting({
    flag: 'addr',
    value: values.listenAddress,
    default: ':8086',
    help: 'address of the destination API',
  }),
  policyAddr: setting({
    flag: 'policy-addr',
    value: values.listenAddress,
    default: ':8090',
    help: 'address of the policy APIs',
  }),
  manifests: setting({
    flag: 'manifests',
    value: pathList,
    default: '',
    help: 'a directory of manifests to serve in place of a cluster; may be given several times, later ones override earlier ones',
  }),
  kubeconfig: optional('kubeconfig', 'path of a kubeconfig; without it, the cluster this runs in'),
  serviceCidr: setting({
    flag: 'service-cidr',
    value: serviceNetwork,
    default: '10.96.0.0/16',
    help: 'network that services without a cluster IP get one from',
  }),
  controllerNamespace: setting({
    flag: 'controller-namespace',
    value: values.nonEmptyText,
    default: 'linkerd',
    help: 'namespace of the control plane',
  }),
  clusterDomain: setting({
    flag: 'cluster-domain',
    value: values.nonEmptyText,
    default: 'cluster.local',
    help: 'domain of the names of services',
  }),
  identityTrustDomain: setting({
    flag: 'identity-trust-domain',
    value: values.text,
    default: 'cluster.local',
    help: 'domain of the identities of workloads; empty: endpoints have none',
  }),
  clusterNetworks: setting({
    flag: 'cluster-networks',
    value: networkList,
    default: '10.0.0.0/8,100.64.0.0/10,172.16.0.0/12,192.168.0.0/16,fd00::/8',
    help: 'networks of the cluster',
  }),
  probeNetworks: setting({
    flag: 'probe-networks',
    value: networkList,
    default: '0.0.0.0/0,::/0',
    help: 'networks that kubelets probe from',
  }),
  defaultPolicy: setting({
    flag: 'default-policy',
    value: defaultPolicy,
    default: 'all-unauthenticated',
    help: 'what ports allow when nothing says otherwise',
  }),
  defaultOpaquePorts: setting({
    flag: 'default-opaque-ports',
    value: portSet,
    default: '25,587,3306,4444,5432,6379,9300,11211',
    help: 'ports that are opaque when nothing says otherwise',
  }),
  enableH2Upgrade: setting({
    flag: 'enable-h2-upgrade',
    value: values.boolean,
    default: 'true',
    isSwitch: true,
    help: 'proxies speak HTTP/2 to each other',
  }),
  enableIpv6: setting({
    flag: 'enable-ipv6',
    value: values.boolean,
    default: 'true',
    isSwitch: true,
    help: 'IPv6 endpoints are used, and preferred',
  }),
  outboundTransportMode: setting({
    flag: 'outbound-transport-mode',
    value: values.text,
    default: 'transport-header',
    help: 'transport-header or transparent: whether proxies connect to the port of the other proxy',
  }),
  zoneWeights: setting({
    flag: 'ext-endpoint-zone-weights',
    value: values.boolean,
    default: 'false',
    isSwitch: true,
    help: "endpoints in the client's zone weigh more",
  }),
  meshedHttp2: setting({
    flag: 'meshed-http2-client-params',
    value: http2Params,
    default: '{"keep_alive":{"interval":"10s","timeout":"3s","while_idle":true}}',
    help: 'HTTP/2 parameters for clients of meshed endpoints, as JSON',
  }),
  identityAddr: optional(
    'identity-addr',
    'host:port of the identity service; with it both APIs are served with mesh TLS, without it in plain text',
  ),
  identityTokenFile: optional(
    'identity-token-file',
    'file with the token that proves the own service account',
  ),
  identityTrustAnchorsFile: optional('identity-trust-anchors-file', 'PEM file with the trust anchors'),
};

export type DestinationConfig = Config<typeof destinationSettings>;

export function meshConfig(config: DestinationConfig): MeshConfig {
  return {
    controlPlaneNamespace: config.controllerNamespace,
    clusterDomain: config.clusterDomain,
    identityTrustDomain: config.identityTrustDomain,
    defaultOpaquePorts: config.defaultOpaquePorts,
    defaultPolicy: config.defaultPolicy,
    clusterNetworks: config.clusterNetworks,
    probeNetworks: config.probeNetworks,
    enableH2Upgrade: config.enableH2Upgrade,
    forceOpaqueTransport: config.outboundTransportMode === 'transport-header',
    enableIpv6: config.enableIpv6,
    zoneWeights: config.zoneWeights,
    meshedHttp2: config.meshedHttp2 ?? undefined,
  };
}

const MANIFESTS = /^--?manifests(?:=(.*))?$/s;

/** The arguments with all `--manifests` made one, since of other flags the last one given wins. */
export function joinManifestFlags(argv: readonly string[]): readonly string[] {
  const directories: string[] = [];
  const others: string[] = [];
  for (let i = 0; i < argv.length; i += 1) {
    const argument = argv[i] ?? '';
    const match = MANIFESTS.exec(argument);
    if (match === null) others.push(argument);
    else if (match[1] !== undefined) directories.push(match[1]);
    else {
      i += 1;
      const directory = argv[i];
      if (directory === undefined) others.push(argument);
      else directories.push(directory);
    }
  }
  return directories.length === 0 ? others : [...others, `--manifests=${directories.join(':')}`];
}
