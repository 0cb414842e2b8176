/** The resolver configuration of a pod, as a kubelet writes it. */
export function resolvConf(nameserver: string, namespace: string, domain: string): string {
  return `search ${namespace}.svc.${domain} svc.${domain} ${domain}\nnameserver ${nameserver}\noptions ndots:5\n`;
}
