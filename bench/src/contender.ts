import type { PodPair } from './pod-pair.ts';

export type ContenderName = 'direct' | 'haproxy-h1' | 'haproxy-h2' | 'weft';

/** A way from client to backend that is measured: nothing at all, or a pair of proxies. */
export interface Contender {
  name: ContenderName;
  pods: PodPair;
  /** What the client connects to. */
  address: string;
  /** Processes of both proxies; none for the direct way. */
  pids: readonly number[];
}
