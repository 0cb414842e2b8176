import { type Settings, settingsFrom } from '../settings.ts';
import type { InjectorValues } from '../values.ts';
import type { Layers } from './layers.ts';
import type { AnnotationRule, PodFacts } from './rule.ts';
import { ANNOTATIONS } from './table.ts';

export interface AppliedAnnotations {
  settings: Settings;
  /** What the pod takes over from its namespace, to be written onto the pod. */
  inherited: ReadonlyMap<string, string>;
  warnings: readonly string[];
}

interface Source {
  layer: 'namespace' | 'pod';
  text: string;
}

function sourcesOf({ key, scope, cumulative }: AnnotationRule, { namespace, pod }: Layers): Source[] {
  const sources: Source[] = [];
  const own = pod.get(key);
  const above = scope === 'namespace' ? namespace.get(key) : undefined;
  if (above !== undefined && (own === undefined || cumulative === true)) {
    sources.push({ layer: 'namespace', text: above });
  }
  if (own !== undefined) sources.push({ layer: 'pod', text: own });
  return sources;
}

/** Lays the annotations over the values: values < namespace < pod. */
export function applyAnnotations(values: InjectorValues, layers: Layers, pod: PodFacts): AppliedAnnotations {
  const settings = settingsFrom(values);
  const inherited = new Map<string, string>();
  const present = new Set<string>();
  const warnings: string[] = [];
  for (const rule of ANNOTATIONS) {
    const sources = sourcesOf(rule, layers);
    if (sources.length === 0) continue;
    present.add(rule.key);
    if (sources.every(({ layer }) => layer === 'namespace')) inherited.set(rule.key, sources[0]!.text);
    if (rule.yieldsTo?.some((key) => present.has(key))) continue;
    for (const { layer, text } of sources) {
      for (const problem of rule.apply(settings, text, pod)) {
        warnings.push(`annotation "${rule.key}" of the ${layer}: ${problem}`);
      }
    }
  }
  return { settings, inherited, warnings };
}
