import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { trimAllocator } from './trim-allocator.ts';

type Collect = (options: { type: 'major'; execution: 'sync'; flavor: 'last-resort' }) => void;

let collect: Collect | undefined;

/**
 * Collects all garbage and gives the freed pages back to the system. V8 and the C library would keep them for
 * as long as the process is idle, since only allocation makes them tidy up. Blocks for one or two milliseconds
 * per MB in use.
 */
export function returnMemory(): void {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as Collect;
  }
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  trimAllocator();
}
