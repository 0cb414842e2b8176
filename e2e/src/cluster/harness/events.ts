import { waitFor } from '../../harness/wait-for.ts';
import { list } from './kubectl.ts';

/** An event of Kubernetes, as far as tests look at it. */
export interface ClusterEvent {
  readonly type: string;
  readonly message: string;
  readonly lastTimestamp: string | null;
  readonly involvedObject: { readonly kind: string; readonly name: string };
}

/** Waits for an event with this reason, and a message like this, that was told since a moment. */
export function happened(
  namespace: string,
  reason: string,
  message: RegExp,
  since: Date,
  withinMs = 20_000,
): Promise<ClusterEvent> {
  // Events tell whole seconds.
  const from = Math.floor(since.getTime() / 1000) * 1000;
  return waitFor(`an event ${reason} in ${namespace}`, withinMs, async () => {
    const events = await list<ClusterEvent>('events', '-n', namespace, `--field-selector=reason=${reason}`);
    return events.find(
      (event) => Date.parse(event.lastTimestamp ?? '') >= from && message.test(event.message),
    );
  });
}
