import { INJECT } from './keys.ts';
import type { Annotations, Layers } from './layers.ts';
import { nearest } from './nearest.ts';
import { quote } from './rule.ts';
import { ANNOTATIONS } from './table.ts';

const CONFIG_KEY = /^config\.(alpha\.|beta\.)?linkerd\.io\//;
const RULES = new Map(ANNOTATIONS.map((rule) => [rule.key, rule]));
const KNOWN_KEYS = [...RULES.keys()];

function warningFor(key: string, layer: 'namespace' | 'pod'): string | undefined {
  const rule = RULES.get(key);
  if (rule !== undefined) {
    if (layer === 'pod' || rule.scope === 'namespace') return undefined;
    return `annotation "${key}" of the namespace has no effect: it counts on pods only`;
  }
  const misspeltInject = key.startsWith('linkerd.io/') && nearest(key, [INJECT]) !== undefined;
  if (!CONFIG_KEY.test(key) && !misspeltInject) return undefined;
  const suggestion = nearest(key, KNOWN_KEYS);
  const hint = suggestion === undefined ? '' : `; did you mean "${suggestion}"?`;
  return `annotation ${quote(key)} of the ${layer} is not known and has no effect${hint}`;
}

function warningsFor(annotations: Annotations, layer: 'namespace' | 'pod'): string[] {
  return [...annotations.keys()].map((key) => warningFor(key, layer)).filter((text) => text !== undefined);
}

/** Warns of annotations in Linkerd's configuration groups that nothing reads, naming the likely intention. */
export function unknownAnnotationWarnings({ namespace, pod }: Layers): readonly string[] {
  return [...warningsFor(pod, 'pod'), ...warningsFor(namespace, 'namespace')];
}
