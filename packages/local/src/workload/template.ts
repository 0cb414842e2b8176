import { createHash } from 'node:crypto';
import {
  type KubernetesObject,
  type OwnerReference,
  objectKey,
  type Pod,
  type PodTemplate,
} from '../cluster/objects.ts';

/** Equal for templates that say the same, whatever the order of their keys. */
export function templateHash(template: PodTemplate): string {
  const canonical = JSON.stringify(template, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
  return createHash('sha256').update(canonical).digest('hex').slice(0, 10);
}

/** A uid that stays the same for the same object name. */
export function stableUid(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

export function ownerReference(owner: KubernetesObject): OwnerReference {
  const { apiVersion, kind, metadata } = owner;
  return {
    apiVersion,
    kind,
    name: metadata.name,
    uid: metadata.uid ?? stableUid(objectKey(owner)),
    controller: true,
  };
}

export interface PodIdentity {
  readonly name: string;
  readonly owner: KubernetesObject;
  readonly labels?: Readonly<Record<string, string>>;
  readonly hostname?: string;
  readonly subdomain?: string;
}

/** A pod made from a template, as a controller would create it. */
export function podFromTemplate(template: PodTemplate, identity: PodIdentity): Pod {
  const { name, owner, labels, hostname, subdomain } = identity;
  const namespace = owner.metadata.namespace ?? 'default';
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace,
      labels: { ...template.metadata?.labels, ...labels },
      annotations: { ...template.metadata?.annotations },
      ownerReferences: [ownerReference(owner)],
    },
    spec: {
      ...template.spec,
      ...(hostname !== undefined && { hostname }),
      ...(subdomain !== undefined && { subdomain }),
    },
  };
}
