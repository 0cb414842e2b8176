import type { Kind } from '../../kinds.ts';

/** JSON as it came; every field may be missing or of another type than expected. */
export type Tree = { readonly [key: string]: unknown };
type Trim = (value: unknown) => unknown;

export const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Keeps these fields of an object, each trimmed in turn. What has another shape stays for the schema to refuse. */
const fields =
  (kept: Readonly<Record<string, Trim>>): Trim =>
  (value) => {
    if (!isTree(value)) return value;
    const trimmed: Record<string, unknown> = {};
    for (const key in kept) {
      const field = value[key];
      if (field !== undefined && field !== null) trimmed[key] = kept[key]?.(field);
    }
    return trimmed;
  };

const all: Trim = (value) => value;
const each =
  (trim: Trim): Trim =>
  (value) =>
    Array.isArray(value) ? value.map(trim) : value;
const keep = (...names: readonly string[]): Trim =>
  fields(Object.fromEntries(names.map((name) => [name, all])));

/** Annotations nobody here reads can be large: the whole manifest as last applied is among them. */
const linkerdAnnotations: Trim = (value) =>
  isTree(value)
    ? Object.fromEntries(Object.entries(value).filter(([key]) => /(^|\.)linkerd\.io\//.test(key)))
    : value;

const metadata = fields({
  name: all,
  namespace: all,
  uid: all,
  resourceVersion: all,
  creationTimestamp: all,
  deletionTimestamp: all,
  labels: all,
  annotations: linkerdAnnotations,
  ownerReferences: each(keep('apiVersion', 'kind', 'name', 'uid', 'controller')),
});

const PROXY_CONTAINER = 'linkerd-proxy';

/** Of all environments, the listen addresses of the proxy. */
const proxyAddresses: Trim = (value) =>
  Array.isArray(value)
    ? value.filter((item) => isTree(item) && /^LINKERD2_PROXY_\w+_LISTEN_ADDR$/.test(String(item.name)))
    : value;

const probe = fields({ httpGet: keep('path', 'port') });
const containerFields = {
  name: all,
  ports: each(keep('name', 'containerPort', 'hostPort', 'protocol')),
  livenessProbe: probe,
  readinessProbe: probe,
  startupProbe: probe,
};
const application = fields(containerFields);
const proxy = fields({ ...containerFields, env: proxyAddresses });
const container: Trim = (value) =>
  isTree(value) && value.name === PROXY_CONTAINER ? proxy(value) : application(value);

/** Readiness; what is known of the containers alone says more only where the pod is not ready. */
const readiness: Trim = (value) => {
  if (!Array.isArray(value)) return value;
  const ready = value.filter((item) => isTree(item) && item.type === 'Ready');
  const containers = ready.every(({ status }) => status === 'True') ? '' : 'ContainersReady';
  const kept = value.filter((item) => isTree(item) && (item.type === 'Ready' || item.type === containers));
  return kept.map(keep('type', 'status'));
};

const pod = {
  spec: fields({
    nodeName: all,
    hostNetwork: all,
    hostname: all,
    subdomain: all,
    serviceAccountName: all,
    serviceAccount: all,
    containers: each(container),
    initContainers: each(container),
    readinessGates: each(keep('conditionType')),
  }),
  status: fields({
    phase: all,
    podIP: all,
    podIPs: each(keep('ip')),
    hostIP: all,
    hostIPs: each(keep('ip')),
    conditions: readiness,
  }),
};

const service = {
  spec: fields({
    type: all,
    selector: all,
    ports: each(keep('name', 'port', 'targetPort', 'protocol', 'appProtocol')),
    clusterIP: all,
    clusterIPs: all,
    externalName: all,
    internalTrafficPolicy: all,
    publishNotReadyAddresses: all,
  }),
};

const endpointSlice = {
  addressType: all,
  ports: each(keep('name', 'port', 'protocol', 'appProtocol')),
  endpoints: each(
    fields({
      addresses: all,
      conditions: keep('ready', 'serving', 'terminating'),
      hostname: all,
      nodeName: all,
      zone: all,
      targetRef: keep('kind', 'namespace', 'name'),
      hints: fields({ forZones: each(keep('name')) }),
    }),
  ),
};

/** What of a kind is read, besides its metadata; policies are small and kept whole. */
const contents: Partial<Record<Kind, Readonly<Record<string, Trim>>>> = {
  Pod: pod,
  Service: service,
  EndpointSlice: endpointSlice,
};
const policy = { spec: all, status: all };

const trims = new Map<Kind, Trim>();

/**
 * An object without what nobody reads: managed fields, foreign annotations, images, commands, volumes, statuses
 * of containers. Memory then follows what is used, and a change of the rest is no change.
 */
export function trim(kind: Kind, object: Tree): Tree {
  let trimKind = trims.get(kind);
  if (trimKind === undefined) {
    trimKind = fields({ metadata, ...(contents[kind] ?? policy) });
    trims.set(kind, trimKind);
  }
  return trimKind(object) as Tree;
}
