import { allKinds, type Kind } from '../kinds.ts';
import type { ResourceSource } from './source.ts';

/** Watches a source and notes each batch as words: `added Pod web`. */
export function recorded(source: ResourceSource, kinds: readonly Kind[] = allKinds) {
  const batches: string[][] = [];
  const record = { batches, synced: 0, stop: () => {} };
  record.stop = source.watch(kinds, {
    changed: (events) => batches.push(events.map((e) => `${e.type} ${e.kind} ${e.object.metadata.name}`)),
    synced: () => {
      record.synced += 1;
    },
  });
  return record;
}
