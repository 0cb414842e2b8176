import type { Annotations } from './annotations/layers.ts';
import type { Settings } from './settings.ts';
import type { PodSpec } from './workload.ts';

/** Everything that rendering needs to know about one pod. */
export interface Injection {
  readonly settings: Settings;
  readonly spec: PodSpec;
  /** The pod's own annotations and those it takes over from its namespace. */
  readonly annotations: Annotations;
  readonly labels: Annotations;
}
