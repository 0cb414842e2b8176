import type { AdmissionRequest } from '@weft/admission';
import type { ClusterEvent, OwnerReference } from '@weft/kubernetes';
import { createRegistry, type Logger, silentLogger } from '@weft/service';
import { defaultValues } from '../default-values.ts';
import { type DeepPartial, mergeValues } from '../merge-values.ts';
import { pod, TRUST_ANCHORS } from '../pod.builder.ts';
import type { InjectorValues } from '../values.ts';
import type { Workload } from '../workload.ts';
import { admitWith } from './admit.ts';
import type { ClusterFacts } from './cluster/cluster-facts.ts';
import { OwnerResolver } from './cluster/owner-resolver.ts';
import { InjectionMetrics } from './metrics.ts';
import { type DefaultInjection, optIn } from './values/default-injection.ts';

/** A cluster that a test describes. */
export class FakeCluster implements ClusterFacts {
  readonly namespaces = new Map<string, Record<string, string>>([['shop', {}]]);
  readonly owners = new Map<string, readonly OwnerReference[]>();
  readonly asked: string[] = [];

  async namespaceAnnotations(name: string): Promise<Readonly<Record<string, string>>> {
    const annotations = this.namespaces.get(name);
    if (annotations === undefined) throw new Error(`there is no namespace ${name}`);
    return annotations;
  }

  async ownersOf(kind: string, namespace: string, name: string): Promise<readonly OwnerReference[]> {
    const key = `${kind} ${namespace}/${name}`;
    this.asked.push(key);
    const owners = this.owners.get(key);
    if (owners === undefined) throw new Error(`nobody knows ${key}`);
    return owners;
  }
}

export function aReference(kind: string, name: string, apiVersion = 'apps/v1'): OwnerReference {
  return { apiVersion, kind, name, uid: `uid-of-${name}` };
}

/** A pod as its controller creates it. */
export function ownedPod(
  references: readonly OwnerReference[],
  annotations?: Record<string, string>,
): Workload {
  const workload = pod({ ...(annotations && { annotations }) });
  const metadata = {
    ...workload.metadata,
    name: undefined,
    generateName: 'web-',
    ownerReferences: references,
  };
  return { ...workload, metadata };
}

/** A pod of the Deployment `web`, through its ReplicaSet. */
export function podOfDeployment(cluster: FakeCluster, annotations?: Record<string, string>): Workload {
  cluster.owners.set('ReplicaSet shop/web-5d', [aReference('Deployment', 'web')]);
  return ownedPod([aReference('ReplicaSet', 'web-5d')], annotations);
}

export function aRequest(object: Workload, parts: Partial<AdmissionRequest> = {}): AdmissionRequest {
  return {
    uid: 'u1',
    kind: { group: '', version: 'v1', kind: object.kind ?? 'Pod' },
    ...{ name: '', namespace: 'shop', operation: 'CREATE', dryRun: false },
    ...{ object, oldObject: null },
    ...parts,
  };
}

export interface WebhookParts {
  readonly values?: DeepPartial<InjectorValues>;
  readonly injectByDefault?: DefaultInjection;
  readonly logger?: Logger;
}

/** The injection webhook over a fake cluster, with what it writes there and counts. */
export function aWebhook({ values = {}, injectByDefault = optIn, logger = silentLogger }: WebhookParts = {}) {
  const cluster = new FakeCluster();
  const events: ClusterEvent[] = [];
  const registry = createRegistry();
  const metrics = new InjectionMetrics(registry);
  const onLookup = (result: 'remembered' | 'asked' | 'failed') => metrics.ownerLookup(result);
  const owners = new OwnerResolver({ facts: cluster, logger, onLookup });
  const installed = { linkerdVersion: 'v1', identityTrustAnchorsPEM: TRUST_ANCHORS };
  const injector = mergeValues(mergeValues(defaultValues, installed), values);
  const admit = admitWith({
    values: () => ({ injector, injectByDefault }),
    facts: cluster,
    owners,
    events: { record: (event) => events.push(event) },
    metrics,
  });
  return {
    cluster,
    events,
    owners,
    registry,
    ask: async (object: Workload, parts?: Partial<AdmissionRequest>) =>
      admit(aRequest(object, parts), new AbortController().signal),
  };
}
