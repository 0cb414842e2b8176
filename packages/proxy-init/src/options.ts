/** Which of the system's iptables front ends programs the kernel. */
export type Mode = 'legacy' | 'nft' | 'plain';

/** What to redirect, as the command line says it. */
export interface Options {
  /** Port of the proxy that takes the pod's inbound connections. */
  incomingProxyPort: number;
  /** Port of the proxy that takes the pod's outbound connections. */
  outgoingProxyPort: number;
  /** User whose outbound traffic goes out untouched; 0 or less: none. */
  proxyUid: number;
  /** Group whose outbound traffic goes out untouched; 0 or less: none. */
  proxyGid: number;
  /** Only these inbound ports are redirected; empty: all. */
  portsToRedirect: readonly number[];
  /** Ports and `a-b` ranges as written; items that mean nothing are left out. */
  inboundPortsToIgnore: readonly string[];
  outboundPortsToIgnore: readonly string[];
  /** CIDRs whose inbound connections are left alone; each goes to the tables of its own family. */
  subnetsToIgnore: readonly string[];
  mode: Mode;
  ipv6: boolean;
  /** Waits for the lock of the legacy tables instead of failing. */
  useWaitFlag: boolean;
}

export const defaultOptions: Options = {
  incomingProxyPort: -1,
  outgoingProxyPort: -1,
  proxyUid: -1,
  proxyGid: -1,
  portsToRedirect: [],
  inboundPortsToIgnore: [],
  outboundPortsToIgnore: [],
  subnetsToIgnore: [],
  mode: 'legacy',
  ipv6: true,
  useWaitFlag: false,
};
