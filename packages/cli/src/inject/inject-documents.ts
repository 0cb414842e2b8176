import type { ManifestDocument } from '../manifest/document.ts';
import type { ManifestError } from '../manifest/manifest-error.ts';
import { type Transformed, transformDocuments } from '../manifest/transform.ts';
import { uninjectDocuments } from '../uninject/uninject-documents.ts';
import { injectObject } from './inject-object.ts';
import type { InjectPlan } from './plan.ts';
import { type InjectReport, noObject } from './report.ts';

/** Takes an earlier injection out of every document, then injects all of them. */
export function injectDocuments(
  documents: readonly (ManifestDocument | ManifestError)[],
  plan: InjectPlan,
): Transformed<InjectReport> {
  const clean = uninjectDocuments(documents, ['disabled', 'ingress']);
  if (clean.kind === 'failed') return clean;
  return transformDocuments(clean.documents, (object) =>
    object === null ? { object, report: noObject } : injectObject(object, plan),
  );
}
