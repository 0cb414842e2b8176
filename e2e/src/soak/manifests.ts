import type { Folder, Manifest } from '../harness/folder.ts';
import { ports } from './pods/settings.ts';

const namespace = 'soak';
const IDENTITY = `${namespace}.serviceaccount.identity.linkerd.cluster.local`;
const OPAQUE = { 'config.linkerd.io/opaque-ports': String(ports.opaque) };

/** Workloads whose pods stay for the whole soak. */
export const LASTING = ['backend', 'front', 'client', 'visitor'] as const;
/** The file of the Deployment whose replicas come and go. */
export const CHURNED = 'backend-churned';
/** The file of the policy that is edited. */
export const GUESTS = 'guests.yaml';

/**
 * Series of endpoints that are gone are kept for ten minutes unless told otherwise, so that with endpoints coming and
 * going their number would be steady only then. Two minutes let everything be warm after five.
 */
const RETAIN_SERIES = { name: 'LINKERD2_PROXY_METRICS_RETAIN_IDLE', value: '2m' };

/** A machine that has much else to do is no fault of the proxy's: a second is soon over on it. */
const PATIENCE = ['OUTBOUND', 'INBOUND'].map((direction) => ({
  name: `LINKERD2_PROXY_${direction}_CONNECT_TIMEOUT`,
  value: '20s',
}));

/** See `pods/collect.mjs`. */
const COLLECT = { name: 'NODE_OPTIONS', value: '--import=/weft/build/e2e/src/soak/pods/collect.mjs' };

interface Workload {
  readonly name: string;
  /** The program of `pods/` that it runs. */
  readonly program: string;
  readonly replicas?: number;
  /** The Service that sends traffic to it. */
  readonly role?: string;
  readonly env?: readonly { readonly name: string; readonly value: string }[];
}

function deployment({ name, program, replicas = 1, role = name, env = [] }: Workload): Manifest {
  const labels = { app: name, role };
  const served = program === 'backend' || program === 'front';
  const container = {
    name: program,
    env,
    command: ['node', `/weft/build/e2e/src/soak/pods/${program}.ts`],
    ports: Object.entries(ports).map(([port, containerPort]) => ({ name: port, containerPort })),
    // Whoever calls learns little by little that this pod goes: it goes on serving until everybody knows.
    lifecycle: { preStop: { sleep: { seconds: 5 } } },
    ...(served && { readinessProbe: { httpGet: { path: '/', port: 'health' }, periodSeconds: 2 } }),
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels, annotations: OPAQUE },
        spec: { serviceAccountName: role, terminationGracePeriodSeconds: 20, containers: [container] },
      },
    },
  };
}

const account = (name: string): Manifest => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name, namespace },
});

const service = (role: string): Manifest => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: role, namespace, annotations: OPAQUE },
  spec: {
    selector: { role },
    ports: Object.entries(ports).map(([name, port]) => ({ name, port, targetPort: port })),
  },
});

/** A port of the backends for those alone whom an authentication names. */
function onlyFor(port: 'guarded' | 'closed', authentication: string): readonly Manifest[] {
  return [
    {
      apiVersion: 'policy.linkerd.io/v1beta3',
      kind: 'Server',
      metadata: { name: port, namespace },
      spec: { podSelector: { matchLabels: { role: 'backend' } }, port, proxyProtocol: 'HTTP/1' },
    },
    {
      apiVersion: 'policy.linkerd.io/v1alpha1',
      kind: 'AuthorizationPolicy',
      metadata: { name: `${port}-for-${authentication}`, namespace },
      spec: {
        targetRef: { group: 'policy.linkerd.io', kind: 'Server', name: port },
        requiredAuthenticationRefs: [
          { group: 'policy.linkerd.io', kind: 'MeshTLSAuthentication', name: authentication },
        ],
      },
    },
  ];
}

function authentication(name: string, accounts: readonly string[]): Manifest {
  return {
    apiVersion: 'policy.linkerd.io/v1alpha1',
    kind: 'MeshTLSAuthentication',
    metadata: { name, namespace },
    spec: { identities: accounts.map((one) => `${one}.${IDENTITY}`) },
  };
}

/** Lets the visitor in at the guarded port, or no longer. */
export function writeGuests(folder: Folder, visitorToo: boolean): void {
  folder.write(GUESTS, authentication('guests', visitorToo ? ['client', 'visitor'] : ['client']));
}

/**
 * Everything that runs during a soak; the applications are those of `pods/`.
 * @param collect whether proxies collect garbage every few seconds, instead of when V8 thinks best.
 * @param hurryMs how long the clients send more than later; see `pods/tally.ts`.
 */
export function writeManifests(folder: Folder, collect: boolean, hurryMs: number): void {
  const environment = [RETAIN_SERIES, ...PATIENCE, ...(collect ? [COLLECT] : [])];
  const hurry = [{ name: 'HURRY_MS', value: String(Math.round(hurryMs)) }];
  const annotations = {
    'linkerd.io/inject': 'enabled',
    'config.linkerd.io/proxy-additional-env': JSON.stringify(environment),
  };
  folder.write(
    '00-namespace.yaml',
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, annotations } },
    ...LASTING.map(account),
  );
  folder.write('services.yaml', service('backend'), service('front'));
  folder.write('policy.yaml', ...onlyFor('guarded', 'guests'), ...onlyFor('closed', 'nobody-here'));
  folder.write('nobody.yaml', authentication('nobody-here', ['nobody']));
  writeGuests(folder, false);
  folder.write('backend.yaml', deployment({ name: 'backend', program: 'backend' }));
  folder.write(`${CHURNED}.yaml`, deployment({ name: CHURNED, program: 'backend', role: 'backend' }));
  folder.write('front.yaml', deployment({ name: 'front', program: 'front' }));
  folder.write('client.yaml', deployment({ name: 'client', program: 'client', env: hurry }));
  folder.write('visitor.yaml', deployment({ name: 'visitor', program: 'visitor', env: hurry }));
}
