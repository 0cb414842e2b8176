/** A pod as observation sees it. */
export interface ObservedPod {
  readonly namespace: string;
  readonly name: string;
  /** `namespace/workload`. */
  readonly workload: string;
  readonly ip: string;
  readonly meshed: boolean;
  readonly identity: string;
  /** Outbound ports that its proxy does not see, and the inbound ones. */
  readonly skippedOutbound: readonly string[];
  readonly skippedInbound: readonly string[];
}

/** Finds what stands behind an address. */
export interface AddressBook {
  podByIp(ip: string): ObservedPod | undefined;
  /** Where a cluster IP's port leads: the workload and the port it listens on. */
  behindClusterIp(ip: string, port: number): { readonly pod: ObservedPod; readonly port: number } | undefined;
}

const OWNER_LABELS = [
  'dst_deployment',
  'dst_statefulset',
  'dst_daemonset',
  'dst_k8s_job',
  'dst_cronjob',
  'dst_replicaset',
  'dst_pod',
];

/** The server's workload by the labels the control plane gave its endpoint, else by its address. */
export function destinationWorkload(labels: Readonly<Record<string, string>>, book: AddressBook): string {
  const owner = OWNER_LABELS.map((label) => labels[label]).find((name) => name !== undefined);
  if (owner !== undefined && labels.dst_namespace !== undefined) return `${labels.dst_namespace}/${owner}`;
  const ip = labels.target_ip ?? labels.target_addr?.replace(/:\d+$/, '') ?? '';
  return book.podByIp(ip)?.workload ?? (labels.target_addr || 'unknown');
}

/** Whether a list such as `25,4567-4570` has the port. */
export function listsPort(list: readonly string[], port: number): boolean {
  return list.some((item) => {
    const [first, last = first] = item.split('-').map(Number);
    return port >= first! && port <= last!;
  });
}
