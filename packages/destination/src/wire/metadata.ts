import type { MessageInitShape } from '@bufbuild/protobuf';
import type { MetadataSchema } from '@weft/proto/meta';

export type MetadataInit = MessageInitShape<typeof MetadataSchema>;

/** The name of something that no object of the cluster stands for. */
export function defaultMetadata(name: string): MetadataInit {
  return { kind: { case: 'default', value: name } };
}

export interface ResourceRef {
  /** The core group is written `core` where proxies must see one. */
  readonly group: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
  readonly port?: number;
}

export function resourceMetadata(ref: ResourceRef): MetadataInit {
  return { kind: { case: 'resource', value: ref } };
}
