import type { Kind } from '../../kinds.ts';
import type { DocumentProblem } from '../../manifests/problem.ts';
import type { ResourceKey } from '../source.ts';

/** Why a watch had to begin anew. */
export type RestartReason = 'ended' | 'silent' | 'expired' | 'failed';

/** What happens to the mirrors, told as it happens. */
export interface ReflectorObserver {
  /** The server does not know the kind, or does no more. */
  absent(kind: Kind): void;
  /** A complete list has arrived. */
  listed(kind: Kind, objects: number, seconds: number): void;
  restarted(kind: Kind, reason: RestartReason): void;
  /** A watch that was renewed because of its silence had missed changes: its connection was dead. */
  stalled(kind: Kind, changes: number): void;
  /** An attempt failed, `failures` of them in a row; what was known stays in force. */
  failed(kind: Kind, error: unknown, failures: number): void;
  /** The first success after failures. */
  recovered(kind: Kind): void;
  /** A version of an object has something wrong. */
  malformed(kind: Kind, key: ResourceKey | undefined, problems: readonly DocumentProblem[]): void;
  /** An object that had something wrong is well now, or gone. */
  mended(kind: Kind, key: ResourceKey, how: 'changed' | 'deleted'): void;
}
