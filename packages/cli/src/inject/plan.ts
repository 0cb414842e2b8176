import type { InjectorValues } from '@weft/injector';
import { goDuration } from '../options/go-duration.ts';
import type { FlagValues } from '../proxy-flags/proxy-flag.ts';
import type { InjectFlags } from './flags.ts';
import { type Override, overridesOf } from './overrides.ts';

/** What `weft inject` does to every object. */
export interface InjectPlan {
  /** The configuration of the cluster, or the chart's defaults. */
  readonly values: InjectorValues;
  /** The containers themselves, not only the annotations that ask for them. */
  readonly manual: boolean;
  readonly ingress: boolean;
  /** For workloads and Namespaces. */
  readonly overrides: ReadonlyMap<string, Override>;
  /** For pod templates alone. */
  readonly templateAnnotations: ReadonlyMap<string, string>;
}

export function planOf(flags: InjectFlags & FlagValues, values: InjectorValues): InjectPlan {
  const { manual = false, ingress = false, enableDebugSidecar = false, closeWaitTimeout = 0 } = flags;
  const templateAnnotations = new Map<string, string>();
  if (enableDebugSidecar) templateAnnotations.set('config.linkerd.io/enable-debug-sidecar', 'true');
  if (closeWaitTimeout > 0) {
    templateAnnotations.set('config.linkerd.io/close-wait-timeout', goDuration(closeWaitTimeout));
  }
  return { values, manual, ingress, overrides: overridesOf(flags, values), templateAnnotations };
}
