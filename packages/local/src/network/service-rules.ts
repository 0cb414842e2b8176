import { createHash } from 'node:crypto';

export interface ServiceTarget {
  readonly ip: string;
  readonly port: number;
}

/** One port of a service's cluster IP and the ready endpoints behind it. */
export interface VirtualPort {
  /** `namespace/service:port`, for people who read the rules. */
  readonly name: string;
  readonly clusterIp: string;
  readonly port: number;
  readonly protocol: 'tcp' | 'udp';
  readonly targets: readonly ServiceTarget[];
}

const HAIRPIN_MARK = '0x4000/0x4000';

function chainOf(prefix: string, parts: readonly (string | number)[]): string {
  // iptables allows 28 characters for a chain.
  return `${prefix}-${createHash('sha256').update(parts.join(' ')).digest('hex').slice(0, 16).toUpperCase()}`;
}

/**
 * The router's whole nat table as `iptables-restore` reads it: what kube-proxy does on a node. A cluster IP leads to
 * one of its endpoints by chance; a pod that meets itself is masqueraded, since it would not accept its own address
 * as a peer.
 */
export function natTable(ports: readonly VirtualPort[]): string {
  const chains: string[] = [];
  const rules: string[] = [];
  for (const { name, clusterIp, port, protocol, targets } of ports) {
    if (targets.length === 0) continue; // The range's unreachable route answers.
    const service = chainOf('SVC', [name, clusterIp, port, protocol]);
    chains.push(service);
    rules.push(
      `-A SERVICES -d ${clusterIp}/32 -p ${protocol} -m ${protocol} --dport ${port} -m comment --comment "${name}" -j ${service}`,
    );
    targets.forEach(({ ip, port: targetPort }, index) => {
      const endpoint = chainOf('SEP', [name, protocol, ip, targetPort]);
      const left = targets.length - index;
      const chance = left === 1 ? '' : `-m statistic --mode random --probability ${(1 / left).toFixed(10)} `;
      chains.push(endpoint);
      rules.push(
        `-A ${service} ${chance}-j ${endpoint}`,
        `-A ${endpoint} -s ${ip}/32 -j MARK --set-xmark ${HAIRPIN_MARK}`,
        `-A ${endpoint} -p ${protocol} -j DNAT --to-destination ${ip}:${targetPort}`,
      );
    });
  }
  return [
    '*nat',
    ...['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'].map((chain) => `:${chain} ACCEPT [0:0]`),
    ...['SERVICES', ...chains].map((chain) => `:${chain} - [0:0]`),
    '-A PREROUTING -j SERVICES',
    '-A OUTPUT -j SERVICES',
    `-A POSTROUTING -m mark --mark ${HAIRPIN_MARK} -j MASQUERADE`,
    ...rules,
    'COMMIT',
    '',
  ].join('\n');
}
