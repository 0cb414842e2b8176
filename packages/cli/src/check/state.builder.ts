import { isClusterError } from '../cluster/cluster-error.ts';
import type { Json, JsonObject } from '../manifest/json.ts';
import { renderYaml } from '../manifest/yaml.ts';
import type { AccessQuestion, ClusterState } from './cluster-state.ts';
import type { Check, CheckContext, Outcome } from './engine/check.ts';

export interface TestState {
  /** By path. */
  readonly objects?: Readonly<Record<string, JsonObject>>;
  readonly lists?: Readonly<Record<string, readonly JsonObject[]>>;
  /** Values of the installation; without any there is no control plane. */
  readonly values?: JsonObject;
  readonly anchorsPem?: string;
  readonly may?: (question: AccessQuestion) => boolean;
  readonly clockAheadMs?: number;
  readonly metrics?: (pod: JsonObject) => string;
}

/** The moment at which tests look. */
export const NOW = Date.parse('2026-01-01T00:00:00Z');

function stateOf(test: TestState): ClusterState {
  const objects: Record<string, JsonObject> = { ...test.objects };
  const maps = '/api/v1/namespaces/linkerd/configmaps';
  if (test.values !== undefined) {
    objects[`${maps}/linkerd-config`] = { data: { values: renderYaml(test.values) } };
  }
  if (test.anchorsPem !== undefined) {
    objects[`${maps}/linkerd-identity-trust-roots`] = { data: { 'ca-bundle.crt': test.anchorsPem } };
  }
  return {
    server: 'https://cluster.example.com',
    get: async (path) => objects[path],
    list: async (path) => test.lists?.[path] ?? [],
    may: async (question) => test.may?.(question) ?? true,
    serverClockAhead: async () => test.clockAheadMs ?? 0,
    proxyMetrics: async (pod) => test.metrics?.(pod) ?? '',
  };
}

export function contextOf(test: TestState = {}, overrides: Partial<CheckContext> = {}): CheckContext {
  return {
    state: stateOf(test),
    namespace: 'linkerd',
    dataPlaneNamespace: undefined,
    clientVersion: 'v1',
    now: NOW,
    failIfExpiresWithinMs: undefined,
    ...overrides,
  };
}

/** Runs one check as the engine does: what it throws is its problem. */
export async function outcomeOf(check: Check, context: CheckContext): Promise<Outcome> {
  try {
    return await check.run(context);
  } catch (error) {
    if (error instanceof TypeError || isClusterError(error, 'rejected')) throw error;
    return { kind: 'failed', problem: (error as Error).message };
  }
}

export interface TestPod {
  readonly namespace?: string;
  readonly name?: string;
  readonly labels?: JsonObject;
  readonly annotations?: JsonObject;
  readonly ip?: string;
  readonly spec?: JsonObject;
  readonly status?: JsonObject;
  /** Members of the proxy's container; none where it is false. */
  readonly proxy?: JsonObject | false;
  readonly ports?: Json[];
}

/** A running pod, with a proxy unless told otherwise. */
export function testPod(pod: TestPod = {}): JsonObject {
  const { namespace = 'shop', name = 'web', labels = { app: 'web' }, annotations = {}, proxy = {} } = pod;
  const { ip = '10.0.0.1', ports = [] } = pod;
  return {
    metadata: { namespace, name, uid: `${namespace}/${name}`, labels, annotations },
    spec: {
      containers: [{ name: 'app', image: 'app', ports }],
      initContainers: proxy === false ? [] : [{ name: 'linkerd-proxy', image: 'proxy:v1', ...proxy }],
      ...pod.spec,
    },
    status: { phase: 'Running', podIP: ip, podIPs: [{ ip }], ...pod.status },
  };
}
