import type { Contender } from './contender.ts';
import { createPodPair } from './pod-pair.ts';

/** The same pods and the same link without any proxy: what load generator and backend can do at most. */
export function startDirect(index: number): Contender {
  const pods = createPodPair(index, []);
  return { name: 'direct', pods, address: pods.serverAddress, pids: [], startMs: null };
}
