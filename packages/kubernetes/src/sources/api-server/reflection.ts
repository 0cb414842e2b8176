/** Where the mirror of one kind stands. */
export type Reflection =
  | { readonly type: 'listing' }
  | { readonly type: 'watching'; readonly resourceVersion: string }
  /** The server does not know the kind; its definition may be installed later. */
  | { readonly type: 'absent' };

/** How one list or watch ended. `resourceVersion` is the last one seen, which the next watch goes on from. */
export type Outcome =
  | { readonly type: 'listed'; readonly resourceVersion: string }
  | { readonly type: 'absent' }
  /** The server ended the watch, as it does after some minutes. `useful`: it had told something, or had lasted. */
  | { readonly type: 'ended'; readonly resourceVersion: string; readonly useful: boolean }
  /** Neither an event nor a bookmark came for long: nothing has changed, or the connection is dead. */
  | { readonly type: 'silent'; readonly resourceVersion: string }
  /** The server no longer has what came after our version (410). */
  | { readonly type: 'expired' }
  /** With the version that a watch should go on from, if there was one; `useful` as above. */
  | { readonly type: 'failed'; readonly resourceVersion?: string; readonly useful?: boolean };

export interface Step {
  readonly reflection: Reflection;
  /** Failures in a row. */
  readonly failures: number;
  /** Lists in a row whose version was too old as soon as they were complete. */
  readonly expiries: number;
  /** What to wait for before it: nothing, a backoff by both numbers, or the time to look again. */
  readonly wait: 'none' | 'backoff' | 'poll';
}

export const firstStep: Step = { reflection: { type: 'listing' }, failures: 0, expiries: 0, wait: 'none' };

/** A version with which so many watches in a row have failed is given up: the next attempt is a list. */
const DISTRUST_AFTER = 5;

/** What follows. What is known of a kind stays in force through everything but a new list. */
export function nextStep(step: Step, outcome: Outcome): Step {
  switch (outcome.type) {
    case 'listed':
      return { ...watching(outcome.resourceVersion), expiries: step.expiries };
    case 'absent':
      return { ...firstStep, reflection: { type: 'absent' }, wait: 'poll' };
    case 'silent':
      return watching(outcome.resourceVersion);
    case 'ended':
      if (outcome.useful) return watching(outcome.resourceVersion);
      return watchAgain(step, outcome.resourceVersion);
    case 'expired':
      // Right away the first time, since what is in force is known to be old.
      return {
        ...step,
        reflection: { type: 'listing' },
        expiries: step.expiries + 1,
        wait: step.expiries === 0 ? 'none' : 'backoff',
      };
    case 'failed': {
      const before = outcome.useful ? firstStep : step;
      if (outcome.resourceVersion !== undefined) return watchAgain(before, outcome.resourceVersion);
      const reflection: Reflection =
        step.reflection.type === 'absent' ? step.reflection : { type: 'listing' };
      return { ...before, reflection, failures: before.failures + 1, wait: 'backoff' };
    }
  }
}

function watching(resourceVersion: string): Step {
  return { ...firstStep, reflection: { type: 'watching', resourceVersion } };
}

function watchAgain(step: Step, resourceVersion: string): Step {
  const failures = step.failures + 1;
  const reflection: Reflection =
    failures < DISTRUST_AFTER ? { type: 'watching', resourceVersion } : { type: 'listing' };
  return { ...step, reflection, failures, wait: 'backoff' };
}
