import { isJsonObject, type Json, type JsonObject } from './json.ts';
import { isSupported } from './kinds.ts';
import { ManifestError } from './manifest-error.ts';
import { splitDocuments } from './split-documents.ts';
import { tidy } from './tidy.ts';
import { parseYaml, renderJson, renderYaml } from './yaml.ts';

/** One document of a stream of manifests. */
export interface ManifestDocument {
  /** For messages: `document 2 of web.yaml`. */
  readonly origin: string;
  /** As it stands in the input; only documents of kinds that are worked with are written anew. */
  readonly text: string;
  /** Null for a document without content. */
  readonly content: JsonObject | null;
}

export type ManifestFormat = 'yaml' | 'json';

/** @throws ManifestError `unsupported_format` */
export function manifestFormat(text: string): ManifestFormat {
  if (text === 'yaml' || text === 'json') return text;
  throw new ManifestError('unsupported_format', `unsupported format ${text}`);
}

/** Splits and parses the documents of one input. Problems are collected, so that one run shows all of them. */
export function readDocuments(stream: string, name: string): (ManifestDocument | ManifestError)[] {
  return splitDocuments(stream).map((text, index) => {
    const origin = `document ${index + 1} of ${name}`;
    try {
      const content = parseYaml(text, origin);
      if (content === null || isJsonObject(content)) return { origin, text, content };
      const found = Array.isArray(content) ? 'a list' : 'plain text';
      return new ManifestError('not_an_object', `${origin} is ${found}; a Kubernetes object is a mapping`);
    } catch (error) {
      if (error instanceof ManifestError) return error;
      throw error;
    }
  });
}

/** Whether a document is a list of objects to look into. Other kinds that end so are left alone. */
export function isList({ content }: ManifestDocument): boolean {
  return content?.kind === 'List';
}

/** Each document and what ends it: a separator line, or a line feed where each is one line of JSON. */
export function renderDocuments(documents: readonly ManifestDocument[], format: ManifestFormat): string {
  return documents
    .map((document) => (format === 'json' ? renderJson(contentOf(document)) : `${yamlOf(document)}---\n`))
    .join('');
}

function contentOf(document: ManifestDocument): Json {
  const { content } = document;
  if (content === null) return null;
  if (!isList(document)) return isSupported(content) ? tidy(content) : content;
  const items = Array.isArray(content.items) ? content.items : [];
  return { ...content, items: items.map((item) => (isSupported(item) ? tidy(item) : item)) };
}

function yamlOf(document: ManifestDocument): string {
  const { content, text } = document;
  if (content === null || !(isList(document) || isSupported(content))) return text;
  return renderYaml(contentOf(document));
}
