import { type DescMessage, fromBinary, type MessageShape } from '@bufbuild/protobuf';
import { DerivedSource, decodeResource, type Kind, MemorySource, type Typed } from '@weft/kubernetes';
import { type Destination, DestinationProfileSchema, UpdateSchema } from '@weft/proto/destination';
import { type InboundServerPolicies, ServerSchema } from '@weft/proto/inbound';
import { type OutboundPolicies, OutboundPolicySchema } from '@weft/proto/outbound';
import { type CallContext, type Cursor, type Handlers, silentLogger } from '@weft/service';
import { destinationApi } from './api/destination-api.ts';
import { inboundApi } from './api/inbound-api.ts';
import { outboundApi } from './api/outbound-api.ts';
import { Cluster } from './cluster/cluster.ts';
import type { MeshConfig } from './mesh-config.ts';
import { Publisher } from './publish/publisher.ts';
import { parsePortSet } from './workload/port-set.ts';

export const aConfig = (overrides: Partial<MeshConfig> = {}): MeshConfig => ({
  controlPlaneNamespace: 'linkerd',
  clusterDomain: 'cluster.local',
  identityTrustDomain: 'cluster.local',
  defaultOpaquePorts: parsePortSet('25,3306'),
  defaultPolicy: 'all-unauthenticated',
  clusterNetworks: ['10.0.0.0/8', 'fd00::/8'],
  probeNetworks: ['0.0.0.0/0', '::/0'],
  enableH2Upgrade: true,
  forceOpaqueTransport: true,
  enableIpv6: true,
  zoneWeights: false,
  meshedHttp2: undefined,
  ...overrides,
});

interface Fields {
  readonly namespace?: string;
  readonly labels?: Record<string, string>;
  readonly annotations?: Record<string, string>;
  readonly created?: string;
  /** When it was told to end. */
  readonly deleted?: string;
  readonly spec?: object;
  readonly status?: object;
  readonly [field: string]: unknown;
}

const groups: Partial<Record<Kind, string>> = {
  EndpointSlice: 'discovery.k8s.io/v1',
  ReplicaSet: 'apps/v1',
  Job: 'batch/v1',
  ServiceProfile: 'linkerd.io/v1alpha2',
  Server: 'policy.linkerd.io/v1beta3',
  AuthorizationPolicy: 'policy.linkerd.io/v1alpha1',
  MeshTLSAuthentication: 'policy.linkerd.io/v1alpha1',
  NetworkAuthentication: 'policy.linkerd.io/v1alpha1',
  ServerAuthorization: 'policy.linkerd.io/v1beta1',
};

/** An object in the namespace `shop`. */
export function anObject(kind: Kind, name: string, fields: Fields = {}): Typed {
  const {
    namespace = 'shop',
    labels = {},
    annotations = {},
    created,
    deleted,
    ownerReferences = [],
    ...rest
  } = fields;
  const metadata = {
    name,
    namespace,
    labels,
    annotations,
    ownerReferences,
    creationTimestamp: created ?? null,
    deletionTimestamp: deleted,
  };
  const decoded = decodeResource({ apiVersion: groups[kind] ?? 'v1', kind, metadata, ...rest });
  if (decoded.type !== 'resource') throw new Error(JSON.stringify(decoded));
  return decoded.resource;
}

/** The service `web`, port 80 to 8080 of the pods of the app `web`. */
export function aService(name = 'web', { spec = {}, ...fields }: Fields = {}): Typed {
  const ports = [{ name: 'http', port: 80, targetPort: 8080 }];
  return anObject('Service', name, {
    ...fields,
    spec: { clusterIP: '10.96.0.1', selector: { app: name }, ports, ...spec },
  });
}

export const proxyContainer = (ports = { inbound: 4143, admin: 4191, control: 4190 }) => ({
  name: 'linkerd-proxy',
  env: [
    { name: 'LINKERD2_PROXY_INBOUND_LISTEN_ADDR', value: `0.0.0.0:${ports.inbound}` },
    { name: 'LINKERD2_PROXY_ADMIN_LISTEN_ADDR', value: `0.0.0.0:${ports.admin}` },
    { name: 'LINKERD2_PROXY_CONTROL_LISTEN_ADDR', value: `0.0.0.0:${ports.control}` },
  ],
});

export interface PodFields extends Fields {
  readonly ip?: string;
  /** Addresses of further families. */
  readonly moreIps?: readonly string[];
  readonly app?: string;
  readonly ready?: boolean;
  /** What the kubelet has said of its containers; the same as of the pod unless told otherwise. */
  readonly containersReady?: boolean;
  readonly phase?: string;
  /** The control plane of its proxy; empty for a pod without one. */
  readonly mesh?: string;
  readonly containers?: readonly object[];
}

/** A meshed, running, ready pod of the app `web` on the node `n1`, with the service account `web`. */
export function aPod(name = 'web-1', fields: PodFields = {}): Typed {
  const {
    ip = '10.1.0.1',
    moreIps = [],
    app = 'web',
    ready = true,
    containersReady = ready,
    phase = 'Running',
    mesh = 'linkerd',
    labels = {},
    spec = {},
    containers,
    ...rest
  } = fields;
  const application = { name: 'app', ports: [{ name: 'http', containerPort: 8080 }] };
  return anObject('Pod', name, {
    ...rest,
    labels: { app, ...(mesh === '' ? {} : { 'linkerd.io/control-plane-ns': mesh }), ...labels },
    spec: {
      nodeName: 'n1',
      serviceAccountName: app,
      containers: containers ?? [application, ...(mesh === '' ? [] : [proxyContainer()])],
      ...spec,
    },
    status: {
      phase,
      podIP: ip,
      podIPs: [ip, ...moreIps].map((text) => ({ ip: text })),
      hostIP: '192.168.0.1',
      conditions: [
        { type: 'Ready', status: ready ? 'True' : 'False' },
        { type: 'ContainersReady', status: containersReady ? 'True' : 'False' },
      ],
    },
  });
}

export const aNode = (name: string, zone: string): Typed =>
  anObject('Node', name, { labels: { 'topology.kubernetes.io/zone': zone } });

/** One stream as its client sees it. */
export interface TestStream<S extends DescMessage> {
  /** The messages since the last call. */
  read(): MessageShape<S>[];
  /** The raw bytes of the next message. */
  readonly cursor: Cursor;
  readonly closed: boolean;
  close(): void;
}

export const call: CallContext = {
  signal: new AbortController().signal,
  peer: '127.0.0.1:1',
  clientIdentity: undefined,
};

function streamOf<S extends DescMessage>(schema: S, cursor: Cursor): TestStream<S> {
  const close = cursor.onChange(() => {});
  return {
    cursor,
    close,
    get closed() {
      return cursor.closed;
    },
    read: () => {
      const messages: MessageShape<S>[] = [];
      for (let bytes = cursor.next(); bytes !== undefined; bytes = cursor.next())
        messages.push(fromBinary(schema, bytes));
      return messages;
    },
  };
}

/** A cluster in memory with the three APIs over it, without a network. */
export function aMesh(overrides: Partial<MeshConfig> = {}, ...objects: Typed[]) {
  const config = aConfig(overrides);
  const input = new MemorySource();
  const source = new DerivedSource(input);
  const cluster = new Cluster(source);
  const counts = { computed: 0, encoded: 0, skipped: 0, malformed: 0 };
  const reports: string[] = [];
  const failures: unknown[] = [];
  const publisher = new Publisher(cluster, {
    computed: () => {
      counts.computed += 1;
    },
    encoded: (_api, messages) => {
      counts.encoded += messages;
    },
    skipped: () => {
      counts.skipped += 1;
    },
    failed: (_what, error) => failures.push(error),
  });
  cluster.follow(
    (keys) => publisher.invalidate(keys),
    () => {},
  );
  const reporter = {
    unusablePod: (pod: { metadata: { name: string } }, reason: string) =>
      void reports.push(`${pod.metadata.name}: ${reason}`),
    unusableObject: (object: { metadata: { name: string } }, reason: string) =>
      void reports.push(`${object.metadata.name}: ${reason}`),
  };
  const dependencies = { cluster, publisher, context: { config, reporter }, logger: silentLogger };
  const destination: Handlers<typeof Destination> = destinationApi({
    ...dependencies,
    onMalformedToken: () => {
      counts.malformed += 1;
    },
  });
  const inbound: Handlers<typeof InboundServerPolicies> = inboundApi(dependencies);
  const outbound: Handlers<typeof OutboundPolicies> = outboundApi(dependencies);
  input.apply({ set: objects });

  return {
    config,
    cluster,
    publisher,
    source,
    counts,
    reports,
    failures,
    /** Adds or replaces objects, as one change. */
    put: (...set: Typed[]) => input.apply({ set }),
    remove: (kind: Kind, name: string, namespace = 'shop') =>
      input.apply({ delete: [{ kind, namespace, name }] }),
    get: (path: string, contextToken = '') =>
      streamOf(UpdateSchema, destination.get({ path, contextToken } as never, call) as Cursor),
    profile: (path: string, contextToken = '') =>
      streamOf(
        DestinationProfileSchema,
        destination.getProfile({ path, contextToken } as never, call) as Cursor,
      ),
    watchPort: (workload: string, port: number) =>
      streamOf(ServerSchema, inbound.watchPort({ workload, port } as never, call) as Cursor),
    getPort: async (workload: string, port: number) =>
      fromBinary(ServerSchema, (await inbound.getPort({ workload, port } as never, call)) as Uint8Array),
    watchOutbound: (target: object, sourceWorkload = 'shop:client') =>
      streamOf(OutboundPolicySchema, outbound.watch({ sourceWorkload, target } as never, call) as Cursor),
  };
}

export type TestMesh = ReturnType<typeof aMesh>;
