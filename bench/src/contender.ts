import type { PodPair } from './pod-pair.ts';

export const CONTENDERS = ['direct', 'haproxy-h1', 'haproxy-h2', 'stock', 'weft'] as const;
export type ContenderName = (typeof CONTENDERS)[number];

/** A way from client to backend that is measured: nothing at all, or a pair of proxies. */
export interface Contender {
  name: ContenderName;
  pods: PodPair;
  /** What the client connects to. */
  address: string;
  /** Processes of both proxies; none for the direct way. */
  pids: readonly number[];
  /** From the start of the slower of the two proxies until it was ready; null where nothing says so. */
  startMs: number | null;
}
