import type { Kind, ResourceByKind } from './kinds.ts';
import { decodeResource } from './manifests/decode-resource.ts';
import type { Typed } from './sources/source.ts';

interface Fields {
  readonly namespace?: string;
  readonly labels?: Record<string, string>;
  readonly annotations?: Record<string, string>;
  readonly spec?: object;
  readonly status?: object;
  readonly [field: string]: unknown;
}

const apiVersions: Partial<Record<Kind, string>> = {
  EndpointSlice: 'discovery.k8s.io/v1',
  ReplicaSet: 'apps/v1',
  Job: 'batch/v1',
  Server: 'policy.linkerd.io/v1beta3',
};

/** A manifest as an object: what a file would say. */
export function aManifest(kind: string, name: string, fields: Fields = {}): object {
  const { namespace = 'shop', labels = {}, annotations = {}, ownerReferences = [], ...rest } = fields;
  const apiVersion = apiVersions[kind as Kind] ?? 'v1';
  return { apiVersion, kind, metadata: { name, namespace, labels, annotations, ownerReferences }, ...rest };
}

/** A valid resource; throws with the problems of one that is not. */
export function aResource<K extends Kind>(kind: K, name: string, fields: Fields = {}): ResourceByKind[K] {
  const decoded = decodeResource(aManifest(kind, name, fields));
  if (decoded.type !== 'resource') throw new Error(JSON.stringify(decoded));
  return decoded.resource.object as ResourceByKind[K];
}

export function typed<K extends Kind>(kind: K, object: ResourceByKind[K]): Typed {
  return { kind, object } as Typed;
}

interface PodFields {
  readonly ip?: string;
  readonly ready?: boolean;
  readonly phase?: string;
  readonly labels?: Record<string, string>;
  readonly node?: string;
  readonly spec?: object;
}

/** A running, ready pod of the app `web`. */
export function aPod(name: string, fields: PodFields = {}): ResourceByKind['Pod'] {
  const {
    ip = '10.1.0.1',
    ready = true,
    phase = 'Running',
    labels = { app: 'web' },
    node = 'n1',
    spec = {},
  } = fields;
  return aResource('Pod', name, {
    labels,
    spec: {
      nodeName: node,
      containers: [{ name: 'app', ports: [{ name: 'http', containerPort: 8080 }] }],
      ...spec,
    },
    status: {
      phase,
      podIP: ip,
      podIPs: [{ ip }],
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
    },
  });
}

/** A service of the app `web`, port 80 to the pods' `http`. */
export function aService(name: string, spec: object = {}): ResourceByKind['Service'] {
  return aResource('Service', name, {
    spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 'http' }], ...spec },
  });
}
