import { writeFile } from 'node:fs/promises';
import { runProgram } from '../system/run-program.ts';
import { addressPlan } from './addresses.ts';
import { natTable, type VirtualPort } from './service-rules.ts';

/** The link of one pod, as the router knows it. */
export interface PodLink {
  /** Name of the pod's network namespace. */
  readonly namespace: string;
  /** Name of the router's end, at most 15 characters. */
  readonly device: string;
  readonly ip: string;
}

const lines = (...commands: readonly string[]): string => `${commands.join('\n')}\n`;

/**
 * The router of a mesh: the network namespace this process runs in. Pods hang on it by one link each, with routes
 * instead of a bridge, so that everything between pods passes here, where cluster IPs are translated.
 */
export class Router {
  #table = '';
  #applying: Promise<void> = Promise.resolve();

  async start(): Promise<void> {
    const { node, dns, gateway, services } = addressPlan;
    await runProgram('ip', ['-batch', '-'], {
      input: lines(
        'link set lo up',
        ...[node, dns, gateway].map((ip) => `addr add ${ip}/32 dev lo`),
        `route add unreachable ${services}`,
      ),
    });
    await writeFile('/proc/sys/net/ipv4/ip_forward', '1');
    await this.applyServices([]);
  }

  /** Makes the pod's network namespace and its link. Ports below 1024 are free to every user, as in containers. */
  async connect({ namespace, device, ip }: PodLink): Promise<void> {
    const { gateway, node } = addressPlan;
    await runProgram('ip', ['-batch', '-'], {
      input: lines(
        `netns add ${namespace}`,
        `link add ${device} type veth peer name eth0 netns ${namespace}`,
        `link set ${device} up`,
        `route add ${ip}/32 dev ${device} src ${node}`,
      ),
    });
    const inside = lines(
      'link set lo up',
      `addr add ${ip}/32 dev eth0`,
      'link set eth0 up',
      `route add ${gateway} dev eth0 scope link`,
      `route add default via ${gateway} dev eth0`,
    );
    const script = 'echo 0 >/proc/sys/net/ipv4/ip_unprivileged_port_start; exec ip -batch -';
    await runProgram('nsenter', [`--net=${namespacePath(namespace)}`, 'sh', '-c', script], { input: inside });
  }

  /** Takes the pod off the network; its namespace goes when its last process has. */
  async disconnect({ namespace, device }: PodLink): Promise<void> {
    await runProgram('ip', ['link', 'del', device]);
    await runProgram('ip', ['netns', 'del', namespace]);
  }

  /** Replaces all cluster IP rules at once; calls are applied in order, equal tables only once. */
  applyServices(ports: readonly VirtualPort[]): Promise<void> {
    const table = natTable(ports);
    this.#applying = this.#applying
      .catch(() => undefined)
      .then(async () => {
        if (table === this.#table) return;
        await runProgram('iptables-restore', ['-w'], { input: table });
        this.#table = table;
      });
    return this.#applying;
  }
}

export function namespacePath(namespace: string): string {
  return `/run/netns/${namespace}`;
}
