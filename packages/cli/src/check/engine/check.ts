import type { ClusterState } from '../cluster-state.ts';

/** What a check needs to know. */
export interface CheckContext {
  readonly state: ClusterState;
  /** Of the control plane. */
  readonly namespace: string;
  /** Of the proxies that are looked at; undefined for all. */
  readonly dataPlaneNamespace: string | undefined;
  readonly clientVersion: string;
  /** This machine's clock, in ms since the epoch. */
  readonly now: number;
  /** A certificate that expires sooner than this, in ms, is an error in place of a warning. */
  readonly failIfExpiresWithinMs: number | undefined;
}

/** `fatal`: nothing after it can be looked at. A warning never makes the whole fail. */
export type Severity = 'fatal' | 'error' | 'warning';

export type Outcome =
  | { readonly kind: 'passed' }
  /** It does not apply here; nothing is shown. */
  | { readonly kind: 'skipped' }
  /** The check's own severity counts unless the outcome brings one. */
  | { readonly kind: 'failed'; readonly problem: string; readonly severity?: Severity };

export const passed: Outcome = { kind: 'passed' };
export const skipped: Outcome = { kind: 'skipped' };
export const failed = (problem: string, severity?: Severity): Outcome => ({
  kind: 'failed',
  problem,
  ...(severity !== undefined && { severity }),
});

/** One thing that is looked at. A new one is an object of this kind in its category's list. */
export interface Check {
  /** What holds when all is well. Programs read it: it does not change. */
  readonly description: string;
  readonly severity: Severity;
  /** What is not yet so may come to be: it is looked at again until the wait is over. */
  readonly retry?: boolean;
  /** Where more is said: the part of https://linkerd.io/2/checks/ that explains the same check. */
  readonly anchor?: string;
  /** What to do about it. */
  readonly remedy?: string;
  /** An error it throws is its problem. */
  run(context: CheckContext): Promise<Outcome> | Outcome;
}

export interface Category {
  /** Programs read it: it does not change. */
  readonly name: string;
  readonly checks: readonly Check[];
}

/** Fails with the problems, each a line, or passes where there are none. At most `shown` are written out. */
export function noneOf(problems: readonly string[], shown = 20): Outcome {
  if (problems.length === 0) return passed;
  const rest = problems.length - shown;
  return failed([...problems.slice(0, shown), ...(rest > 0 ? [`and ${rest} more`] : [])].join('\n'));
}
