import { keyOf, keyText, type Typed } from '../sources/source.ts';
import { type Decoded, decodeResource } from './decode-resource.ts';
import { type DocumentText, type ParsedDocument, parseText, splitDocuments } from './parse-documents.ts';
import type { ManifestProblem } from './problem.ts';

type DocumentResult = { readonly parsed: ParsedDocument; readonly decoded: readonly Decoded[] };

/** What a file says, and what of it could not be understood. */
export interface ManifestFile {
  readonly resources: readonly Typed[];
  readonly problems: readonly ManifestProblem[];
  /** Results by document text, so that the next version of the file parses only what changed. */
  readonly cache: ReadonlyMap<string, DocumentResult>;
}

export const emptyManifestFile: ManifestFile = { resources: [], problems: [], cache: new Map() };

/** `kind: List` (and `PodList` and the like) stands for its items. */
function itemsOf(value: unknown): readonly unknown[] {
  if (typeof value !== 'object' || value === null) return [value];
  const { kind, items } = value as { kind?: unknown; items?: unknown };
  return typeof kind === 'string' && kind.endsWith('List') && Array.isArray(items) ? items : [value];
}

function read(document: DocumentText): DocumentResult {
  const parsed = parseText(document);
  return { parsed, decoded: parsed.type === 'value' ? itemsOf(parsed.value).map(decodeResource) : [] };
}

const identity = ({ kind, object }: Typed): string => keyText(keyOf(kind, object));

/**
 * Reads a file's text. What is broken is reported, and in its place the last good version stays in force: all
 * resources of the previous reading that this one does not name again.
 */
export function readManifestFile(file: string, text: string, last: ManifestFile): ManifestFile {
  const problems: ManifestProblem[] = [];
  const resources = new Map<string, Typed>();
  const cache = new Map<string, DocumentResult>();
  splitDocuments(text).forEach((document, index) => {
    const result = last.cache.get(document.text) ?? read(document);
    const { parsed, decoded } = result;
    if (parsed.type === 'broken') {
      problems.push({ ...parsed.problem, file, document: index, line: parsed.line });
      return;
    }
    cache.set(document.text, result);
    for (const one of decoded) {
      if (one.type === 'invalid')
        problems.push(...one.problems.map((p) => ({ ...p, file, document: index, line: document.line })));
      if (one.type !== 'resource') continue;
      const id = identity(one.resource);
      if (resources.has(id))
        problems.push({
          code: 'duplicate',
          field: 'metadata.name',
          message: `${id} is already in this file: the last one is in force`,
          file,
          document: index,
          line: document.line,
        });
      resources.set(id, one.resource);
    }
  });
  const broken = problems.some(({ code }) => code !== 'duplicate');
  if (broken)
    for (const resource of last.resources)
      if (!resources.has(identity(resource))) resources.set(identity(resource), resource);
  return { resources: [...resources.values()], problems, cache };
}
