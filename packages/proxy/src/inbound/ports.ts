import type { ServerPolicy } from '@weft/policy';

/** The policy of one port as it changes. The default policy stands in until the controller has answered. */
export interface PolicyHandle {
  readonly current: ServerPolicy;
  subscribe(listener: (policy: ServerPolicy) => void): () => void;
  /** The port may be forgotten once nobody holds it. */
  release(): void;
}

export interface InboundPolicies {
  get(port: number): PolicyHandle;
}
