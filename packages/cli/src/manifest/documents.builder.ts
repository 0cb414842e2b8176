import { type ManifestDocument, readDocuments } from './document.ts';
import type { ManifestError } from './manifest-error.ts';

/** The documents of a stream called `test.yaml`. */
export function documentsOf(stream: string): (ManifestDocument | ManifestError)[] {
  return readDocuments(stream, 'test.yaml');
}
