import type { BenchCluster } from './cluster.ts';
import { inParallel } from './in-parallel.ts';
import { seconds, withinLimit } from './timings.ts';

/** Everything the benchmark makes is in here, and goes with it. */
export const NAMESPACE = 'weft-bench';
export const PORT = 8080;
/** Of the service that many streams follow. */
export const BIG_ENDPOINTS = 100;

const core = `/api/v1/namespaces/${NAMESPACE}`;
const slices = `/apis/discovery.k8s.io/v1/namespaces/${NAMESPACE}/endpointslices`;
/** kube-proxy leaves alone what carries it, so that a thousand services cost the node no rules. */
const notForKubeProxy = { 'service.kubernetes.io/service-proxy-name': 'weft-bench' };

const service = (name: string, selector?: Record<string, string>) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, labels: notForKubeProxy },
  spec: { ports: [{ name: 'http', port: PORT }], ...(selector === undefined ? {} : { selector }) },
});

const endpointSlice = (name: string, endpoints: number, network: number) => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name, labels: { 'kubernetes.io/service-name': name, ...notForKubeProxy } },
  addressType: 'IPv4',
  ports: [{ name: 'http', port: PORT, protocol: 'TCP' }],
  endpoints: Array.from({ length: endpoints }, (_, i) => ({
    addresses: [`10.${network}.${i >> 8}.${i & 255}`],
    conditions: { ready: true },
  })),
});

/** Where the endpoints of all services made here are. */
export const slicesPath = slices;
/** Where the endpoints of a service made here are. */
export const slicePath = (name: string) => `${slices}/${name}`;

/** Makes the namespace, once that of a run before is gone. */
export async function makeNamespace(cluster: BenchCluster): Promise<void> {
  await withinLimit(untilGone(cluster), `the namespace ${NAMESPACE} of a run before was not gone`);
  const metadata = { name: NAMESPACE, annotations: { 'linkerd.io/inject': 'enabled' } };
  await cluster.create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata });
}

/** Waits while the namespace is being deleted; one that merely exists is as good as a new one. */
async function untilGone(cluster: BenchCluster): Promise<void> {
  while (await cluster.isEnding(`/api/v1/namespaces/${NAMESPACE}`)) await seconds(1);
}

export async function deleteNamespace(cluster: BenchCluster): Promise<void> {
  await cluster.delete(`/api/v1/namespaces/${NAMESPACE}`);
}

export async function makeService(cluster: BenchCluster, name: string, endpoints: number): Promise<void> {
  await cluster.create(`${core}/services`, service(name));
  await cluster.create(slices, endpointSlice(name, endpoints, endpoints === 1 ? 202 : 201));
}

export async function makeAccount(cluster: BenchCluster, name: string): Promise<void> {
  const metadata = { name };
  await cluster.create(`${core}/serviceaccounts`, { apiVersion: 'v1', kind: 'ServiceAccount', metadata });
}

/** A token of the account as a proxy has it. */
export async function tokenOf(cluster: BenchCluster, account: string): Promise<string> {
  const answer = await cluster.post(`${core}/serviceaccounts/${account}/token`, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { audiences: ['identity.l5d.io'], expirationSeconds: 86_400 },
  });
  return (answer as { status: { token: string } }).status.token;
}

/** A pod that no scheduler looks at. */
const podSpec = {
  schedulerName: 'nobody',
  containers: [{ name: 'app', image: 'app:1', ports: [{ name: 'http', containerPort: PORT }] }],
};

/** Has the API server admit a pod, webhooks included, and keep nothing. Returns what it would have kept. */
export function createPodDryRun(cluster: BenchCluster, name: string): Promise<unknown> {
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: podSpec };
  return cluster.post(`${core}/pods`, pod, { dryRun: 'All' });
}

const PODS_PER_SERVICE = 10;

interface PodList {
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly status: { podIP?: string };
  }[];
}

/**
 * Deployments of ten pods each and their services. No node ever runs the pods: their status is written here, so
 * that they are ready and have addresses. Takes minutes, since the controllers limit themselves.
 */
export async function makeFleet(cluster: BenchCluster, pods: number): Promise<void> {
  await inParallel(Math.ceil(pods / PODS_PER_SERVICE), 4, async (i) => {
    const name = `fleet-${i}`;
    const labels = { app: name };
    await cluster.create(`${core}/services`, service(name, labels));
    await cluster.create(`/apis/apps/v1/namespaces/${NAMESPACE}/deployments`, {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name },
      spec: {
        replicas: PODS_PER_SERVICE,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: podSpec },
      },
    });
  });
  for (let ready = 0; ready < pods; ) {
    await new Promise((resolve) => setTimeout(resolve, 2000));
    const { items } = (await cluster.get(`${core}/pods`)) as PodList;
    const waiting = items.filter(({ status }) => status.podIP === undefined);
    ready = items.length - waiting.length;
    await inParallel(waiting.length, 4, async (i) => {
      const number = ready + i;
      await makeReady(cluster, waiting[i]!.metadata.name, `10.203.${number >> 8}.${number & 255}`);
    });
    ready = items.length;
  }
}

async function makeReady(cluster: BenchCluster, pod: string, podIP: string): Promise<void> {
  const conditions = ['Ready', 'ContainersReady'].map((type) => ({ type, status: 'True' }));
  const status = { phase: 'Running', podIP, podIPs: [{ ip: podIP }], conditions };
  await cluster.patch(`${core}/pods/${pod}/status`, { status });
}
