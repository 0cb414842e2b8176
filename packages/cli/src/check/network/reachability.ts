import { BlockList, isIP } from 'node:net';
import { type LabelSelector, selects } from '@weft/kubernetes';
import { type Json, type JsonObject, listAt, memberAt, objectAt, textAt } from '../../manifest/json.ts';
import { type Direction, type NetworkPolicy, type PolicyRule, rulesIn } from './policy.ts';

export type Labels = Readonly<Record<string, string>>;
export type Protocol = 'TCP' | 'UDP';

/** A pod, as network policies see it. */
export interface NetworkPod {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Labels;
  readonly ip: string;
  /** Named ports of its containers. */
  readonly namedPorts: ReadonlyMap<string, number>;
}

/** Labels of namespaces, by name. */
export type NamespaceLabels = ReadonlyMap<string, Labels>;

export function networkPodOf(pod: JsonObject): NetworkPod {
  const containers = [...listAt(pod, 'spec', 'containers'), ...listAt(pod, 'spec', 'initContainers')];
  const ports = containers.flatMap((container) => listAt(container, 'ports'));
  return {
    namespace: textAt(pod, 'metadata', 'namespace'),
    name: textAt(pod, 'metadata', 'name'),
    labels: (objectAt(pod, 'metadata', 'labels') ?? {}) as Labels,
    ip: textAt(pod, 'status', 'podIP'),
    namedPorts: new Map(ports.map((port) => [textAt(port, 'name'), Number(memberAt(port, 'containerPort'))])),
  };
}

function picks(selector: Json | undefined, labels: Labels): boolean {
  return selects((selector ?? {}) as LabelSelector, labels);
}

/** The policies that say anything about a pod's traffic in one direction. None: everything is allowed. */
export function policiesFor(
  pod: NetworkPod,
  direction: Direction,
  policies: readonly NetworkPolicy[],
): NetworkPolicy[] {
  return policies.filter(
    (policy) =>
      policy.namespace === pod.namespace &&
      policy.directions.includes(direction) &&
      picks(policy.podSelector, pod.labels),
  );
}

/** Whether a peer of a rule in `namespace` is this pod. */
export function isPeer(
  peer: JsonObject,
  pod: NetworkPod,
  namespace: string,
  labels: NamespaceLabels,
): boolean {
  const { ipBlock, namespaceSelector, podSelector } = peer;
  if (ipBlock !== undefined) return isInBlock(ipBlock, pod.ip);
  const isNamespace =
    namespaceSelector === undefined
      ? pod.namespace === namespace
      : picks(namespaceSelector, labels.get(pod.namespace) ?? {});
  return isNamespace && (podSelector === undefined || picks(podSelector, pod.labels));
}

function isInBlock(block: Json, ip: string): boolean {
  const family = isIP(ip);
  if (family === 0) return false;
  const contains = (cidr: string) => {
    const [address = '', bits = ''] = cidr.split('/');
    if (isIP(address) !== family) return false;
    const list = new BlockList();
    list.addSubnet(address, Number(bits), family === 4 ? 'ipv4' : 'ipv6');
    return list.check(ip, family === 4 ? 'ipv4' : 'ipv6');
  };
  const excepted = listAt(block, 'except').some((cidr) => contains(String(cidr)));
  return contains(textAt(block, 'cidr')) && !excepted;
}

/** Whether the ports of a rule hold this one. Names are those of the pod that is connected to. */
export function hasPort(
  { ports }: PolicyRule,
  port: number,
  protocol: Protocol,
  namedPorts: ReadonlyMap<string, number>,
): boolean {
  if (ports === undefined) return true;
  return ports.some((one) => {
    if ((textAt(one, 'protocol') || 'TCP') !== protocol) return false;
    if (one.port === undefined) return true;
    const low = typeof one.port === 'string' ? namedPorts.get(one.port) : Number(one.port);
    const high = typeof one.endPort === 'number' ? one.endPort : low;
    return low !== undefined && high !== undefined && low <= port && port <= high;
  });
}

export interface Flow {
  /** Whose policies are asked. */
  readonly pod: NetworkPod;
  readonly direction: Direction;
  readonly peer: NetworkPod;
  /** Of the pod that is connected to. */
  readonly port: number;
  readonly protocol: Protocol;
}

/** Whether a pod's policies let it through. */
export function allows(flow: Flow, policies: readonly NetworkPolicy[], labels: NamespaceLabels): boolean {
  const { pod, direction, peer, port, protocol } = flow;
  const applying = policiesFor(pod, direction, policies);
  if (applying.length === 0) return true;
  const { namedPorts } = direction === 'Egress' ? peer : pod;
  return applying.some((policy) =>
    rulesIn(policy, direction).some(
      (rule) =>
        hasPort(rule, port, protocol, namedPorts) &&
        (rule.peers === undefined || rule.peers.some((one) => isPeer(one, peer, pod.namespace, labels))),
    ),
  );
}
