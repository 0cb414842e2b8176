import { parseDocument, type ScalarTag, stringify, type Tags } from 'yaml';
import { isJsonObject, type Json } from './json.ts';
import { ManifestError } from './manifest-error.ts';

/** How often an alias may be expanded; a document that needs more is a memory bomb. */
const MAX_ALIASES = 100;

const NOT_JSON = new Set(['binary', 'omap', 'pairs', 'set', 'timestamp']);

/**
 * Kubernetes reads YAML 1.1 (`defaultMode: 0644` is octal, `yes` is true), but without its base-60 numbers and
 * its types that JSON does not know: those stay text.
 */
function kubernetesTags(tags: Tags): Tags {
  return tags.filter((tag) => {
    if (typeof tag === 'string') return !NOT_JSON.has(tag);
    const { format } = tag as ScalarTag;
    return format !== 'TIME' && !NOT_JSON.has(tag.tag.replace('tag:yaml.org,2002:', ''));
  });
}

/** Parses one document; null where it is empty. @throws ManifestError that names `origin` and the line. */
export function parseYaml(text: string, origin: string): Json {
  const document = parseDocument(text, {
    schema: 'yaml-1.1',
    customTags: kubernetesTags,
    uniqueKeys: false,
    prettyErrors: true,
  });
  const [error] = document.errors;
  if (error !== undefined) {
    const problem = error.message.split('\n')[0]?.replace(/:$/, '') ?? error.code;
    throw new ManifestError('malformed_document', `${origin}: ${problem}`, error);
  }
  try {
    return (document.toJS({ maxAliasCount: MAX_ALIASES }) ?? null) as Json;
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new ManifestError('malformed_document', `${origin}: ${problem}`, cause);
  }
}

/** One document as YAML, its mappings sorted by name; text that YAML 1.1 takes for something else is quoted. */
export function renderYaml(value: Json): string {
  return stringify(value, {
    schema: 'yaml-1.1',
    compat: 'core',
    sortMapEntries: true,
    indentSeq: false,
    lineWidth: 0,
    aliasDuplicateObjects: false,
  });
}

/** One document as a line of JSON, its mappings sorted by name. */
export function renderJson(value: Json): string {
  return `${JSON.stringify(sorted(value))}\n`;
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isJsonObject(value)) return value;
  const names = Object.keys(value).sort();
  return Object.fromEntries(names.map((name) => [name, sorted(value[name]!)]));
}
