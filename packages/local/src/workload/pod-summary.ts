import type { Pod } from '../cluster/objects.ts';

/** What a controller needs to know of a pod that exists. */
export interface PodSummary {
  readonly name: string;
  /** Key of the workload that made it ({@link objectKey}). */
  readonly owner: string;
  /** Of the template it was made from. */
  readonly templateHash: string;
  readonly phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed';
  readonly ready: boolean;
  readonly terminating: boolean;
}

/** What a controller wants done, in order. */
export type PodAction =
  | { readonly do: 'start'; readonly pod: Pod; readonly owner: string; readonly templateHash: string }
  | { readonly do: 'stop'; readonly name: string };
