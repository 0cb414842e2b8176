import { LocalTokenIssuer } from '@weft/identity';
import type { Cluster } from '../cluster/cluster.ts';
import type { KubernetesObject, Pod } from '../cluster/objects.ts';
import type { ControlPlane } from '../mesh/control-plane.ts';
import type { EventLog } from '../mesh/event-log.ts';
import type { MeshOptions } from '../mesh/options.ts';
import type { MintToken } from '../pod/volume.ts';
import { Admission } from './admission.ts';
import { createCredentials } from './credentials.ts';
import { controlPlaneObjects } from './manifests.ts';
import { controlPlane } from './names.ts';

/** Applications start without the control plane when it is not ready by then; their proxies wait for it. */
const HEAD_START_MS = 30_000;
/** A token is made anew when less than this share of its life is left. */
const TOKEN_RENEWAL_SHARE = 0.2;

interface MintedToken {
  readonly text: string;
  readonly renewAt: number;
}

/** The control plane of this machine: identity and destination as pods, admission within. */
export class LocalControlPlane implements ControlPlane {
  readonly objects: readonly KubernetesObject[];
  readonly #admission: Admission;
  readonly #tokens: LocalTokenIssuer;
  readonly #minted = new WeakMap<Pod, Map<string, MintedToken>>();
  readonly #waitUntil = Date.now() + HEAD_START_MS;
  #open = false;

  constructor({ leafLifetime, stateDirectory, version }: MeshOptions) {
    const credentials = createCredentials(controlPlane.trustDomain);
    this.objects = controlPlaneObjects({ credentials, leafLifetime, stateDirectory });
    this.#tokens = new LocalTokenIssuer(credentials.tokenKeys.privateKeyPem);
    this.#admission = new Admission(version);
  }

  readonly mintToken: MintToken = async (pod, audience, lifetime) => {
    const tokens = this.#minted.get(pod) ?? new Map<string, MintedToken>();
    this.#minted.set(pod, tokens);
    const known = tokens.get(audience);
    if (known !== undefined && Date.now() < known.renewAt) return known.text;
    const lifetimeMs = lifetime * 1000;
    const { namespace = 'default' } = pod.metadata;
    const text = this.#tokens.mint({
      namespace,
      name: pod.spec.serviceAccountName ?? 'default',
      lifetimeMs,
      audience,
    });
    tokens.set(audience, { text, renewAt: Date.now() + lifetimeMs * (1 - TOKEN_RENEWAL_SHARE) });
    return text;
  };

  admit(
    pod: Pod,
    owner: { kind: string; name: string } | undefined,
    cluster: Cluster,
    events: EventLog,
  ): Pod {
    return this.#admission.admitPod(pod, owner, cluster, events);
  }

  annotateServices(cluster: Cluster): void {
    this.#admission.admitServices(cluster);
  }

  mayStart(namespace: string, cluster: Cluster): boolean {
    this.#open ||= Date.now() > this.#waitUntil || isReady(cluster);
    return this.#open || namespace === controlPlane.namespace;
  }
}

/** Whether every Deployment of the control plane that is to run at all has a ready pod. */
function isReady(cluster: Cluster): boolean {
  const { namespace } = controlPlane;
  const ready = cluster.source
    .list('Pod', { namespace })
    .filter(({ status }) =>
      status.conditions.some(({ type, status: is }) => type === 'Ready' && is === 'True'),
    );
  return cluster.source
    .list('Deployment', { namespace })
    .filter(({ spec }) => spec.replicas > 0)
    .every(({ metadata }) => ready.some((pod) => pod.metadata.name.startsWith(`${metadata.name}-`)));
}
