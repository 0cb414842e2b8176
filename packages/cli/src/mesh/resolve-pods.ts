import { type Cluster, getObject, listObjects } from '../cluster/cluster.ts';
import { ClusterError } from '../cluster/cluster-error.ts';
import { type JsonObject, objectAt, textAt } from '../manifest/json.ts';
import { isFinished } from './meshed-pod.ts';

/** A resource as users name it: `deploy/web`. */
export interface ResourceName {
  /** Plural, such as `deployments`. */
  readonly plural: string;
  readonly name: string;
}

interface Workload {
  readonly plural: string;
  readonly root: string;
  readonly names: readonly string[];
}

const WORKLOADS: readonly Workload[] = [
  { plural: 'pods', root: '/api/v1', names: ['po', 'pod'] },
  { plural: 'services', root: '/api/v1', names: ['svc', 'service'] },
  { plural: 'replicationcontrollers', root: '/api/v1', names: ['rc', 'replicationcontroller'] },
  { plural: 'deployments', root: '/apis/apps/v1', names: ['deploy', 'deployment'] },
  { plural: 'daemonsets', root: '/apis/apps/v1', names: ['ds', 'daemonset'] },
  { plural: 'statefulsets', root: '/apis/apps/v1', names: ['sts', 'statefulset'] },
  { plural: 'replicasets', root: '/apis/apps/v1', names: ['rs', 'replicaset'] },
  { plural: 'jobs', root: '/apis/batch/v1', names: ['job'] },
];

/** Reads `deploy/web`. @throws ClusterError for a type nobody knows, or without a name. */
export function parseResource(text: string): ResourceName {
  const [type = '', name = '', ...rest] = text.split('/');
  const workload = WORKLOADS.find(({ plural, names }) => plural === type || names.includes(type));
  if (workload !== undefined && name !== '' && rest.length === 0) return { plural: workload.plural, name };
  const types = WORKLOADS.map(({ names }) => names[0]).join(', ');
  throw new ClusterError('rejected', `"${text}" is no TYPE/NAME, such as deploy/web; types: ${types}`);
}

/** The path of a resource in a namespace. */
function resourcePath({ plural, name }: ResourceName, namespace: string): string {
  const { root } = WORKLOADS.find((workload) => workload.plural === plural)!;
  return `${root}/namespaces/${namespace}/${plural}/${name}`;
}

/** A resource that has to be there. @throws ClusterError `not_found` */
export async function requireResource(
  cluster: Cluster,
  resource: ResourceName,
  namespace: string,
  signal: AbortSignal,
): Promise<JsonObject> {
  const object = await getObject(cluster, resourcePath(resource, namespace), signal);
  if (object !== undefined) return object;
  throw new ClusterError(
    'not_found',
    `there is no ${resource.plural}/${resource.name} in namespace "${namespace}" (-n names another one)`,
  );
}

/** The pods of a workload or behind a service that have not ended: itself where it is a pod. */
export async function podsOf(
  cluster: Cluster,
  resource: ResourceName,
  namespace: string,
  signal: AbortSignal,
): Promise<JsonObject[]> {
  const object = await requireResource(cluster, resource, namespace, signal);
  if (resource.plural === 'pods') return [object];
  const labels =
    objectAt(object, 'spec', 'selector', 'matchLabels') ?? objectAt(object, 'spec', 'selector') ?? {};
  const labelSelector = Object.entries(labels)
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(',');
  if (labelSelector === '') return [];
  const pods = await listObjects(cluster, `/api/v1/namespaces/${namespace}/pods`, signal, { labelSelector });
  return pods.filter((pod) => !isFinished(pod)).sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}

function nameOf(pod: JsonObject): string {
  return textAt(pod, 'metadata', 'name');
}
