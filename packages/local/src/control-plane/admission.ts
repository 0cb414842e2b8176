import { applyPatch, defaultValues, type InjectorValues, inject, mergeValues } from '@weft/injector';
import type { Cluster } from '../cluster/cluster.ts';
import { type KubernetesObject, objectKey, type Pod } from '../cluster/objects.ts';
import type { EventLog } from '../mesh/event-log.ts';
import { controlPlane, TRUST_ROOTS } from './names.ts';

interface Owner {
  readonly kind: string;
  readonly name: string;
}

/**
 * A few proxies overwhelm no control plane when it comes back: they need not wait as long as those of a large cluster,
 * whose waits grow to a minute.
 */
const BACKOFF = 'LINKERD2_PROXY_OUTBOUND_CONNECT_EXP_BACKOFF';
const RECONNECT_SOON = [
  { name: `${BACKOFF}_MIN`, value: '100ms' },
  { name: `${BACKOFF}_MAX`, value: '3s' },
  { name: `${BACKOFF}_JITTER`, value: '0.1' },
];

/** What a cluster's admission webhook does: the same function, with the configuration of this mesh. */
export class Admission {
  readonly #version: string;
  readonly #patchedServices = new Map<string, KubernetesObject>();

  constructor(version: string) {
    this.#version = version;
  }

  /** The pod with its proxy, or as it is, with an event that says why. */
  admitPod(pod: Pod, owner: Owner | undefined, cluster: Cluster, events: EventLog): Pod {
    const result = inject({
      workload: pod as never,
      namespace: namespaceOf(pod, cluster),
      owner,
      values: this.#values(cluster),
      origin: 'webhook',
    });
    const subject = `${pod.metadata.namespace}/${pod.metadata.name}`;
    for (const warning of result.warnings) events.add('manifest', subject, warning);
    if (result.kind !== 'injected' && pod.metadata.namespace !== controlPlane.namespace) {
      const reasons = 'reasons' in result ? result.reasons.map(({ text }) => text) : [];
      events.add('not injected', subject, reasons.join(', '));
    }
    return result.kind === 'skipped' ? pod : applyPatch(pod, result.patch);
  }

  /** Marks the opaque ports of Services, so that their clients' proxies know. */
  admitServices(cluster: Cluster): void {
    const gone = new Map(this.#patchedServices);
    for (const service of cluster.listDeclared('Service')) {
      const key = objectKey(service);
      const input = {
        workload: service as never,
        namespace: namespaceOf(service, cluster),
        origin: 'webhook',
      } as const;
      const result = inject({ ...input, values: this.#values(cluster) });
      if (result.kind !== 'annotated') continue;
      gone.delete(key);
      const patched = applyPatch<KubernetesObject>(service, result.patch);
      if (JSON.stringify(patched) === JSON.stringify(this.#patchedServices.get(key))) continue;
      this.#patchedServices.set(key, patched);
      cluster.put(patched);
    }
    for (const [key, service] of gone) {
      this.#patchedServices.delete(key);
      cluster.remove(service);
    }
  }

  #values(cluster: Cluster): InjectorValues {
    const anchors = cluster.findData('ConfigMap', controlPlane.namespace, TRUST_ROOTS.configMap);
    return mergeValues(defaultValues, {
      linkerdVersion: this.#version,
      identityTrustAnchorsPEM: anchors?.data?.[TRUST_ROOTS.key] ?? '',
      proxy: {
        // Jobs end their proxies by it.
        enableShutdownEndpoint: true,
        additionalEnv: RECONNECT_SOON,
      },
    });
  }
}

function namespaceOf({ metadata }: KubernetesObject, cluster: Cluster) {
  const name = metadata.namespace ?? 'default';
  return { name, annotations: cluster.source.get('Namespace', '', name)?.metadata.annotations ?? {} };
}
