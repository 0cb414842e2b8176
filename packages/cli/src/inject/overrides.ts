import type { InjectorValues } from '@weft/injector';
import type { FlagValues } from '../proxy-flags/proxy-flag.ts';
import { imageAt } from '../proxy-flags/registry.ts';
import { annotationFlags, annotationSwitches } from './flags.ts';

/** An annotation that a flag asks for. */
export interface Override {
  readonly text: string;
  /** The cluster does the same anyway: it is written only where a workload says otherwise. */
  readonly isDefault: boolean;
}

function valueAt(values: object, path: readonly string[]): unknown {
  let node: unknown = values;
  for (const name of path) node = (node as Record<string, unknown> | undefined)?.[name];
  return node;
}

/** The annotations that the given flags ask for, compared with what applies without them. */
export function overridesOf(flags: FlagValues, values: InjectorValues): ReadonlyMap<string, Override> {
  const overrides = new Map<string, Override>();
  for (const { option, path, annotation } of [...annotationFlags, ...annotationSwitches]) {
    const given = flags[option.attributeName()];
    if (given === undefined || (annotation.endsWith('/proxy-gid') && Number(given) < 0)) continue;
    const text = String(given);
    overrides.set(annotation, { text, isDefault: text === String(valueAt(values, path) ?? '') });
  }
  const { registry } = flags;
  if (typeof registry === 'string') addImages(overrides, registry, values);
  return overrides;
}

function addImages(overrides: Map<string, Override>, registry: string, values: InjectorValues): void {
  const images = [
    ['config.linkerd.io/proxy-image', values.proxy.image.name],
    ['config.linkerd.io/debug-image', values.debugContainer.image.name],
  ] as const;
  for (const [annotation, current] of images) {
    const text = imageAt(registry, overrides.get(annotation)?.text ?? current);
    overrides.set(annotation, { text, isDefault: text === current });
  }
}
