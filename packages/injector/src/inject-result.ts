import type { AnnotationAt } from './decision.ts';
import type { Origin } from './metadata.ts';
import type { PatchOperation } from './patch.ts';
import type { SkipReason } from './skip-reason.ts';
import type { InjectorValues } from './values.ts';
import type { Workload } from './workload.ts';

export interface InjectInput {
  /** A parsed Kubernetes object. */
  workload: Workload;
  namespace: { name: string; annotations: Readonly<Record<string, string>> };
  /** What a Pod belongs to, as far as a controller resolved it. Ignored for every other kind. */
  owner?: { kind: string; name: string } | undefined;
  values: InjectorValues;
  /** By hand, the namespace's annotations are not known and therefore not looked at. */
  origin: Origin;
}

/**
 * What becomes of a workload: a sidecar, an annotation only, or nothing, with the reasons why there is no
 * sidecar. Warnings name an annotation each and what is wrong with it.
 */
export type InjectResult =
  | { kind: 'injected'; patch: PatchOperation[]; warnings: string[]; annotationAt: AnnotationAt }
  | {
      kind: 'annotated';
      patch: PatchOperation[];
      reasons: SkipReason[];
      warnings: string[];
      annotationAt: AnnotationAt;
    }
  | { kind: 'skipped'; reasons: SkipReason[]; warnings: string[]; annotationAt: AnnotationAt };
