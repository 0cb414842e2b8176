import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { isLeftover, ownName } from './leftovers.builder.ts';

/** As the injector has it: the rules tell the proxy's own traffic by it. */
export const PROXY_UID = 2102;

/** Whether this machine lets us make network namespaces and redirect within them. */
export function canMakePods(): boolean {
  return process.getuid?.() === 0 && ['ip', 'iptables-restore', 'setpriv'].every(isInstalled);
}

function isInstalled(program: string): boolean {
  return spawnSync(program, ['--version']).error === undefined;
}

/** Pods are numbered for the life of the process; links and addresses follow from the number. */
let made = 0;

/**
 * A network namespace with a link to this one. What comes to the pod's address is redirected to the proxy's
 * inbound port (admin excepted), what goes to `services` to its outbound port; what the proxy opens to the
 * pod's own address goes to the same port of `hostIp`, so that applications and clients live in the test.
 *
 *     test (hostIp) ── connects to podIp:N ──▶ proxy 4143 ── connects to podIp:N ──▶ test (hostIp:N)
 *     test (hostIp) ── connects to services ─▶ proxy 4140 ── connects to its endpoints ──▶ test (hostIp)
 */
export class Pod {
  readonly name: string;
  readonly hostIp: string;
  readonly podIp: string;
  readonly #link: string;
  readonly #services: string;

  private constructor() {
    const serial = made++;
    // Of the addresses for measuring networks (RFC 2544), 4 for each link and 8 for the services behind it.
    const slot = (process.pid * 8 + serial) % 8192;
    const address = (base: number, offset: number) =>
      [198, 18 + base, (offset >> 8) & 255, offset & 255].join('.');
    this.name = ownName(serial);
    this.#link = `wpt${slot}`;
    this.hostIp = address(0, slot * 4 + 1);
    this.podIp = address(0, slot * 4 + 2);
    this.#services = address(1, slot * 8);
  }

  static make(): Pod {
    removeLeftovers();
    const pod = new Pod();
    try {
      pod.#make();
    } catch (error) {
      pod.remove();
      throw error;
    }
    return pod;
  }

  /** The virtual address of a service, 1 to 6. */
  service(number: number): string {
    return this.#services.replace(/\d+$/, (last) => String(Number(last) + number));
  }

  /** Lays a link between two pods, so that their proxies reach each other's. */
  join(other: Pod): void {
    const [own, others] = [`${other.#link}j`, `${this.#link}j`];
    ip('link', 'add', own, 'netns', this.name, 'type', 'veth', 'peer', 'name', others, 'netns', other.name);
    for (const [pod, link, peer] of [
      [this, own, other],
      [other, others, this],
    ] as const) {
      // Without an address of the link REDIRECT would not know where to.
      ip('-n', pod.name, 'address', 'add', `${pod.podIp}/32`, 'dev', link);
      ip('-n', pod.name, 'link', 'set', link, 'up');
      ip('-n', pod.name, 'route', 'add', `${peer.podIp}/32`, 'dev', link, 'src', pod.podIp);
    }
  }

  /** Starts a program inside, as the proxy's user; it ends with this process. */
  spawn(command: readonly string[], env: NodeJS.ProcessEnv): ChildProcess {
    const user = ['--reuid', String(PROXY_UID), '--regid', String(PROXY_UID), '--clear-groups'];
    const inside = ['netns', 'exec', this.name, 'setpriv', ...user, '--pdeathsig', 'KILL', ...command];
    return spawn('ip', inside, { env: { PATH: process.env.PATH, ...env } });
  }

  /** Runs a program inside, as root, and gives what it prints. */
  run(...command: string[]): string {
    return execFileSync('ip', ['netns', 'exec', this.name, ...command], { encoding: 'utf8' });
  }

  remove(): void {
    remove(this.name);
    // The link goes with the namespace, but not at once.
    spawnSync('ip', ['link', 'del', this.#link]);
  }

  #make(): void {
    const peer = `${this.#link}p`;
    ip('netns', 'add', this.name);
    ip('link', 'add', this.#link, 'type', 'veth', 'peer', 'name', peer, 'netns', this.name);
    ip('address', 'add', `${this.hostIp}/30`, 'dev', this.#link);
    ip('link', 'set', this.#link, 'up');
    const inside = (...args: string[]) => ip('-n', this.name, ...args);
    inside('address', 'add', `${this.podIp}/30`, 'dev', peer);
    inside('link', 'set', peer, 'up');
    inside('link', 'set', 'lo', 'up');
    ip('route', 'add', `${this.#services}/29`, 'via', this.podIp);
    const rules = [
      '*nat',
      `-A PREROUTING -p tcp -d ${this.#services}/29 -j REDIRECT --to-ports 4140`,
      '-A PREROUTING -p tcp --dport 4191 -j RETURN',
      `-A PREROUTING -p tcp -d ${this.podIp} -j REDIRECT --to-ports 4143`,
      `-A OUTPUT -p tcp -d ${this.podIp} -m owner --uid-owner ${PROXY_UID} -j DNAT --to-destination ${this.hostIp}`,
      'COMMIT\n',
    ];
    const options = { input: rules.join('\n') };
    execFileSync('ip', ['netns', 'exec', this.name, 'iptables-restore'], options);
  }
}

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

function remove(name: string): void {
  const pids = spawnSync('ip', ['netns', 'pids', name], { encoding: 'utf8' }).stdout;
  for (const pid of pids.split('\n').filter((line) => line !== '')) {
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It ended by itself.
    }
  }
  spawnSync('ip', ['netns', 'del', name]);
}

/** Removes the namespaces of test runs that were killed. */
function removeLeftovers(): void {
  const list = spawnSync('ip', ['netns', 'list'], { encoding: 'utf8' }).stdout;
  for (const line of list.split('\n')) {
    const [name = ''] = line.split(' ');
    if (isLeftover(name)) remove(name);
  }
}
