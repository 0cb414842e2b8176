import type {
  Container,
  DataObject,
  KubernetesObject,
  PodSpec,
  Service,
  Volume,
} from '../cluster/objects.ts';
import { addressPlan } from '../network/addresses.ts';
import { BUILD_MOUNT } from '../pod/container-launch.ts';
import type { MeshCredentials } from './credentials.ts';
import { controlPlane, ISSUER_SECRET, TOKEN_KEYS, TRUST_ROOTS } from './names.ts';

export interface ControlPlaneOptions {
  readonly credentials: MeshCredentials;
  /** Seconds a proxy's certificate lives. */
  readonly leafLifetime: number;
  /** Folder on this machine where the cluster's state is published. */
  readonly stateDirectory: string;
}

const { namespace, identity, destination } = controlPlane;

/**
 * The control plane as a cluster holds it: workloads, services and secrets under Linkerd's names. Objects of the
 * same name in the user's folder take their place.
 */
export function controlPlaneObjects(options: ControlPlaneOptions): readonly KubernetesObject[] {
  const { credentials } = options;
  return [
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: namespace, annotations: { 'linkerd.io/inject': 'disabled' } },
    },
    { apiVersion: 'v1', kind: 'Node', metadata: { name: 'local' } },
    ...services(),
    data('Secret', ISSUER_SECRET, {
      'crt.pem': credentials.issuer.certificatePem,
      'key.pem': credentials.issuer.keyPem,
    }),
    data('ConfigMap', TRUST_ROOTS.configMap, { [TRUST_ROOTS.key]: credentials.trustAnchorsPem }),
    data('ConfigMap', TOKEN_KEYS.configMap, { [TOKEN_KEYS.key]: credentials.tokenKeys.publicKeyPem }),
    deployment(identity.account, identityPod(options)),
    deployment(destination.account, destinationPod(options)),
  ];
}

function identityPod({ leafLifetime }: ControlPlaneOptions): PodSpec {
  const directory = '/var/run/linkerd/identity';
  return pod(identity.account, {
    name: 'identity',
    program: 'identity',
    flags: [
      `--addr=0.0.0.0:${identity.grpc}`,
      `--admin-addr=0.0.0.0:${identity.admin}`,
      `--identity-issuance-lifetime=${leafLifetime}s`,
      // All run by the same clock: nothing is added to the lifetime that was asked for.
      '--identity-clock-skew-allowance=0s',
      '--issuer-reload-interval=5s',
      `--token-public-keys=/var/run/linkerd/tokens/${TOKEN_KEYS.key}`,
    ],
    ports: [identity.grpc, identity.admin],
    admin: identity.admin,
    mounts: [
      [{ name: 'issuer', secret: { secretName: ISSUER_SECRET } }, `${directory}/issuer`],
      [{ name: 'trust-roots', configMap: { name: TRUST_ROOTS.configMap } }, `${directory}/trust-roots`],
      [{ name: 'token-keys', configMap: { name: TOKEN_KEYS.configMap } }, '/var/run/linkerd/tokens'],
    ],
  });
}

function destinationPod({ stateDirectory }: ControlPlaneOptions): PodSpec {
  const tokens = '/var/run/secrets/tokens';
  const token = { audience: 'identity.l5d.io', expirationSeconds: 86_400, path: 'linkerd-identity-token' };
  return pod(destination.account, {
    name: 'destination',
    program: 'destination',
    flags: [
      `--addr=0.0.0.0:${destination.grpc}`,
      `--policy-addr=0.0.0.0:${destination.policy}`,
      `--metrics-addr=0.0.0.0:${destination.admin}`,
      '--manifests=/var/run/weft/cluster',
      `--service-cidr=${addressPlan.services}`,
      '--enable-ipv6=false',
      `--identity-addr=linkerd-identity-headless.${namespace}.svc.${controlPlane.clusterDomain}:${identity.grpc}`,
      `--identity-token-file=${tokens}/${token.path}`,
      `--identity-trust-anchors-file=/var/run/linkerd/identity/trust-roots/${TRUST_ROOTS.key}`,
    ],
    ports: [destination.grpc, destination.policy, destination.admin],
    admin: destination.admin,
    mounts: [
      [{ name: 'cluster', hostPath: { path: stateDirectory } }, '/var/run/weft/cluster'],
      [{ name: 'token', projected: { sources: [{ serviceAccountToken: token }] } }, tokens],
      [
        { name: 'trust-roots', configMap: { name: TRUST_ROOTS.configMap } },
        '/var/run/linkerd/identity/trust-roots',
      ],
    ],
  });
}

interface ServicePod {
  readonly name: string;
  /** The package whose main program runs. */
  readonly program: string;
  readonly flags: readonly string[];
  readonly ports: readonly number[];
  readonly admin: number;
  readonly mounts: readonly (readonly [Volume, string])[];
}

function pod(account: string, { name, program, flags, ports, admin, mounts }: ServicePod): PodSpec {
  const container: Container = {
    name,
    command: ['node', `${BUILD_MOUNT}/packages/${program}/dist/main.js`, ...flags],
    ports: ports.map((containerPort) => ({ containerPort })),
    readinessProbe: { httpGet: { path: '/ready', port: admin }, periodSeconds: 1, failureThreshold: 2 },
    securityContext: { runAsUser: controlPlane.user },
    volumeMounts: mounts.map(([volume, mountPath]) => ({ name: volume.name, mountPath })),
  };
  return {
    serviceAccountName: account,
    terminationGracePeriodSeconds: 5,
    containers: [container],
    volumes: mounts.map(([volume]) => volume),
  };
}

function deployment(name: string, spec: PodSpec): KubernetesObject & { spec: unknown } {
  const labels = { 'linkerd.io/control-plane-component': name.replace('linkerd-', '') };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace, labels },
    spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  };
}

function services(): readonly Service[] {
  const grpc = 'grpc';
  return [
    service('linkerd-identity', 'identity', grpc, identity.grpc),
    service('linkerd-identity-headless', 'identity', grpc, identity.grpc, true),
    service('linkerd-dst', 'destination', grpc, destination.grpc),
    service('linkerd-dst-headless', 'destination', grpc, destination.grpc, true),
    service('linkerd-policy', 'destination', grpc, destination.policy, true),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'kube-dns', namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } },
      spec: {
        clusterIP: addressPlan.dns,
        ports: [
          { name: 'dns', port: 53, protocol: 'UDP' },
          { name: 'dns-tcp', port: 53, protocol: 'TCP' },
        ],
      },
    },
  ];
}

function service(name: string, component: string, portName: string, port: number, headless = false): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    spec: {
      selector: { 'linkerd.io/control-plane-component': component },
      ports: [{ name: portName, port, targetPort: port }],
      ...(headless && { clusterIP: 'None' }),
    },
  };
}

function data(
  kind: 'Secret' | 'ConfigMap',
  name: string,
  texts: Readonly<Record<string, string>>,
): DataObject {
  const base = { apiVersion: 'v1', kind, metadata: { name, namespace } };
  return kind === 'Secret' ? { ...base, stringData: texts } : { ...base, data: texts };
}
