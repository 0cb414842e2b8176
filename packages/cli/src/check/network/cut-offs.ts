import { type Direction, type NetworkPolicy, type PolicyRule, rulesIn } from './policy.ts';
import {
  allows,
  hasPort,
  isPeer,
  type NamespaceLabels,
  type NetworkPod,
  type Protocol,
  policiesFor,
} from './reachability.ts';

/** Where proxies meet. */
const MESH_PORT = 4143;

/** A service that every proxy, or every pod, has to reach. */
export interface NeededService {
  /** As people know it: `linkerd-identity`. */
  readonly name: string;
  readonly pods: readonly NetworkPod[];
  readonly ports: readonly (readonly [port: number, protocol: Protocol])[];
}

/** Everything that decides whether policies cut proxies off. */
export interface NetworkWorld {
  readonly policies: readonly NetworkPolicy[];
  readonly meshed: readonly NetworkPod[];
  readonly labels: NamespaceLabels;
  readonly needed: readonly NeededService[];
  /** Whether meshed peers meet on 4143 rather than on the application's own port. */
  readonly meetsOnMeshPort: boolean;
}

/** What network policies take away from proxies, a sentence each. */
export function cutOffs(world: NetworkWorld): string[] {
  const groups = groupsOf(world.meshed);
  return [
    ...world.policies.flatMap((policy) => takenIngress(policy, groups)),
    ...groups.flatMap((pods) => unreachableServices(pods, world)),
    ...(world.meetsOnMeshPort
      ? world.policies.flatMap((policy) => closedMeshPorts(policy, groups, world))
      : []),
  ];
}

/** Pods that no selector can tell apart, as one. */
type PodGroup = readonly [NetworkPod, ...NetworkPod[]];

function groupsOf(pods: readonly NetworkPod[]): PodGroup[] {
  // What replicas are told apart by is of no use to selectors that people write.
  const unique = ({
    'pod-template-hash': _,
    'controller-revision-hash': __,
    ...labels
  }: NetworkPod['labels']) => JSON.stringify(Object.entries(labels).sort());
  const grouped = Map.groupBy(pods, ({ namespace, labels }) => `${namespace} ${unique(labels)}`);
  return [...grouped.values()] as unknown as PodGroup[];
}

function called(pods: PodGroup): string {
  const [{ namespace, name }] = pods;
  const more = pods.length - 1;
  return `${namespace}/${name}${more > 0 ? ` and ${more} like it` : ''}`;
}

const policyName = ({ namespace, name }: NetworkPolicy) => `${namespace}/${name}`;

function isAbout(policy: NetworkPolicy, pods: PodGroup, direction: Direction): boolean {
  return policiesFor(pods[0], direction, [policy]).length > 0;
}

/** A policy that was meant for egress alone, and takes all ingress away because policyTypes does not say so. */
function takenIngress(policy: NetworkPolicy, groups: readonly PodGroup[]): string[] {
  const { directions, egress, ingress, omitsTypes } = policy;
  const isMeantForEgress = egress.length > 0 && ingress.length === 0 && directions.includes('Ingress');
  if (omitsTypes === false || !isMeantForEgress) return [];
  if (!groups.some((pods) => isAbout(policy, pods, 'Ingress'))) return [];
  const why = omitsTypes
    ? 'lacks policyTypes, so Kubernetes applies it to Ingress as well as to Egress'
    : 'applies to Ingress as well as to Egress, as Kubernetes assumes where policyTypes is left out';
  return [
    `network policy ${policyName(policy)} ${why}; having no ingress rules, it also cuts off all ingress that no other policy allows: add "policyTypes: [Egress]"`,
  ];
}

function unreachableServices(pods: PodGroup, { policies, labels, needed }: NetworkWorld): string[] {
  const [pod] = pods;
  const applying = policiesFor(pod, 'Egress', policies);
  if (applying.length === 0) return [];
  return needed.flatMap(({ name, pods: targets, ports }) => {
    if (targets.length === 0) return [];
    const closed = ports.filter(
      ([port, protocol]) =>
        !targets.some((peer) => allows({ pod, direction: 'Egress', peer, port, protocol }, policies, labels)),
    );
    if (closed.length === 0) return [];
    const list = closed.map(([port, protocol]) => `${protocol} ${port}`).join(' and ');
    return [
      `${called(pods)} cannot reach ${name} (${list}): no egress rule of ${applying.map(policyName).join(', ')} allows it`,
    ];
  });
}

/** Ports that have nothing to do with what the application says to its peers: DNS, tap and metrics. */
const ASIDE: ReadonlySet<unknown> = new Set([53, 4190, 4191]);

/** Whether a rule names ports of the application, but not the one on which its proxies meet. */
function misses({ ports }: PolicyRule, { namedPorts }: NetworkPod): boolean {
  if (ports === undefined || hasPort({ peers: undefined, ports }, MESH_PORT, 'TCP', namedPorts)) return false;
  return ports.some(({ protocol = 'TCP', port }) => protocol === 'TCP' && !ASIDE.has(port));
}

/** Rules that open the application's ports between meshed pods, and not the one on which their proxies meet. */
function closedMeshPorts(policy: NetworkPolicy, groups: readonly PodGroup[], world: NetworkWorld): string[] {
  return (['Ingress', 'Egress'] as const).flatMap((direction) =>
    groups
      .filter((pods) => isAbout(policy, pods, direction))
      .flatMap(([pod]) => closedMeshPort(policy, direction, pod, world) ?? [])
      // One example tells what is wrong about a policy.
      .slice(0, 1),
  );
}

function closedMeshPort(
  policy: NetworkPolicy,
  direction: Direction,
  pod: NetworkPod,
  { meshed, policies, labels }: NetworkWorld,
): string | undefined {
  const opened = rulesIn(policy, direction).filter((rule) => misses(rule, pod));
  const isMeant = (peer: NetworkPod) =>
    opened.some(
      ({ peers }) => peers === undefined || peers.some((one) => isPeer(one, peer, pod.namespace, labels)),
    );
  const cut = meshed.find(
    (peer) =>
      peer !== pod &&
      isMeant(peer) &&
      !allows({ pod, direction, peer, port: MESH_PORT, protocol: 'TCP' }, policies, labels),
  );
  if (cut === undefined) return undefined;
  const [from, to] = direction === 'Ingress' ? [cut, pod] : [pod, cut];
  return `network policy ${policyName(policy)} opens ports of the application but not ${MESH_PORT}, on which meshed pods connect: ${from.namespace}/${from.name} cannot reach ${to.namespace}/${to.name}; allow TCP ${MESH_PORT} as well`;
}
