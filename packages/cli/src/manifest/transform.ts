import { isList, type ManifestDocument } from './document.ts';
import { isJsonObject, type Json, type JsonObject } from './json.ts';
import { ManifestError } from './manifest-error.ts';

/** What becomes of one object, null where a document or an item of a list holds none, and what to report of it. */
export type Transform<Report> = (object: JsonObject | null) => {
  readonly object: JsonObject | null;
  readonly report: Report;
};

export type Transformed<Report> =
  | {
      readonly kind: 'done';
      readonly documents: readonly ManifestDocument[];
      readonly reports: readonly Report[];
    }
  /** One message for each document that could not be worked with; the first of a list stands for all of it. */
  | { readonly kind: 'failed'; readonly problems: readonly string[] };

/** Transforms every object of every document, or none at all where one of them fails. */
export function transformDocuments<Report>(
  documents: readonly (ManifestDocument | ManifestError)[],
  transform: Transform<Report>,
): Transformed<Report> {
  const done: ManifestDocument[] = [];
  const reports: Report[] = [];
  const problems: string[] = [];
  for (const document of documents) {
    try {
      if (document instanceof ManifestError) throw document;
      const results = objectsOf(document).map(transform);
      done.push(
        withObjects(
          document,
          results.map(({ object }) => object),
        ),
      );
      reports.push(...results.map(({ report }) => report));
    } catch (error) {
      if (!(error instanceof ManifestError)) throw error;
      problems.push(error.message);
    }
  }
  return problems.length > 0 ? { kind: 'failed', problems } : { kind: 'done', documents: done, reports };
}

function objectsOf(document: ManifestDocument): (JsonObject | null)[] {
  if (!isList(document)) return [document.content];
  const items: Json | undefined = document.content?.items;
  return (Array.isArray(items) ? items : []).map((item) => (isJsonObject(item) ? item : null));
}

function withObjects(document: ManifestDocument, objects: readonly (JsonObject | null)[]): ManifestDocument {
  if (!isList(document)) return { ...document, content: objects[0] ?? null };
  return { ...document, content: { ...document.content, items: [...objects] } };
}
