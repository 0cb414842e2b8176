import type { ManifestDocument } from '../manifest/document.ts';
import type { ManifestError } from '../manifest/manifest-error.ts';
import { type Transformed, transformDocuments } from '../manifest/transform.ts';
import { reportOf, type UninjectReport } from './report.ts';
import { stripMesh } from './strip-mesh.ts';

/** Takes out of every document what injection by hand has put in; an opt-out (`disabled`) stays. */
export function uninjectDocuments(
  documents: readonly (ManifestDocument | ManifestError)[],
  keepInject: readonly string[] = ['disabled'],
): Transformed<UninjectReport> {
  return transformDocuments(documents, (object) => {
    if (object === null) return { object, report: reportOf(object, false) };
    const stripped = stripMesh(object, { keepInject });
    return { object: stripped.object, report: reportOf(object, stripped.changed) };
  });
}
