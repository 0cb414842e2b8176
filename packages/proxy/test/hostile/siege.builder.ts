import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from '@jest/globals';
import { add } from '../../src/discovery/update.builder.ts';
import { clientHello } from '../../src/http2/frames.builder.ts';
import type { ControlPlane } from '../control-plane.builder.ts';
import { balanced, first, type HttpRuleInit, httpPolicy } from '../outbound-policy.builder.ts';
import type { Pod } from '../pod.builder.ts';
import { eventually, ProxyWorld } from '../proxy-process.builder.ts';
import { HttpServer, RawClient, SteadyClient } from '../traffic.builder.ts';

/** What a proxy may keep of attacks that held much more, megabytes: less is not worth a collection to it. */
const MEMORY_SLACK = 32;

/** Milliseconds: much, since the attackers share this process and a busy machine's cores with those who measure. */
const P99_LIMIT = 4000;

const STEADY = 'steady.shop.svc.cluster.local:80';

/** Where the bystander goes through the proxy: into the pod, or out of it to a service. */
export type Side = 'inbound' | 'outbound';

/** A proxy under attack, and a bystander who must not notice. */
export class Siege {
  readonly world: ProxyWorld;
  /** A good application: the pod's own, and an endpoint of the bystander's service. */
  readonly app: HttpServer;
  readonly #side: Side;
  readonly #attackers: RawClient[] = [];
  #bystander: SteadyClient;
  #memoryBefore = 0;

  private constructor(side: Side, world: ProxyWorld, app: HttpServer) {
    this.#side = side;
    this.world = world;
    this.app = app;
    this.#bystander = this.#observe();
  }

  /** Resolves once the proxy is warm: only what comes after that is the attackers' doing. */
  static async start(
    side: Side,
    env: Record<string, string> = {},
    prepare: (controlPlane: ControlPlane, pod: Pod) => void = () => {},
  ): Promise<Siege> {
    // Patient with the application, which shares its process with the attackers.
    const patience = { INBOUND_CONNECT_TIMEOUT: '10s', OUTBOUND_CONNECT_TIMEOUT: '10s' };
    const world = await ProxyWorld.start({ ...patience, ...env }, prepare);
    const app = await HttpServer.start(world.pod.hostIp, 'hello');
    if (side === 'outbound') {
      const { controlPlane, pod } = world;
      controlPlane.endpoints(STEADY).set(add([`${pod.hostIp}:${app.port}`]));
      const policy = httpPolicy('steady', [{ backends: first(balanced(STEADY)) }]);
      controlPlane.outbound(`${pod.service(1)}:80`).set(policy);
    }
    const siege = new Siege(side, world, app);
    const bystander = siege.#bystander;
    await eventually('it is warm', () => bystander.succeeded > 500);
    await bystander.stop();
    siege.#memoryBefore = world.proxy.memory;
    return siege;
  }

  async stop(): Promise<void> {
    this.app.close();
    await this.world.stop();
  }

  /** The bystander begins to ask, without pause. */
  begin(): void {
    this.app.asked.length = 0;
    this.#bystander = this.#observe();
  }

  /** The attackers leave. Every request of the bystander was answered, and soon enough. */
  async lift(): Promise<void> {
    for (const { socket } of this.#attackers.splice(0)) socket.destroy();
    const bystander = this.#bystander;
    const { succeeded } = bystander;
    await eventually('the bystander goes on', () => bystander.succeeded > succeeded + 20);
    await bystander.stop();
    expect(bystander.failures).toEqual([]);
    expect(bystander.p99).toBeLessThan(P99_LIMIT);
  }

  get bystander(): SteadyClient {
    return this.#bystander;
  }

  /** A connection to the pod's application that begins with these bytes. */
  attack(bytes: string | Buffer = ''): Promise<RawClient> {
    return this.attackAt(this.world.pod.podIp, this.app.port, bytes);
  }

  async attackAt(ip: string, port: number, bytes: string | Buffer): Promise<RawClient> {
    const attacker = await RawClient.open(ip, port);
    this.#attackers.push(attacker);
    return attacker.send(bytes);
  }

  /** The same over HTTP/2: its preface, then `count` times what `make` makes, until the proxy has enough of it. */
  async flood(count: number, make: (i: number) => Buffer, settings: number[] = []): Promise<RawClient> {
    const attacker = await this.attack(clientHello(settings));
    for (let i = 0; i < count && !attacker.closed; i += 200) {
      attacker.send(Buffer.concat(Array.from({ length: Math.min(200, count - i) }, (_, k) => make(i + k))));
      await nextTurn();
    }
    return attacker;
  }

  offences(offence: string, peer: 'src' | 'dst' = 'src'): Promise<number> {
    const labels = [`offence="${offence}"`, `peer="${peer}"`, `direction="${this.#side}"`];
    return this.world.proxy.metric('proxy_peer_offences_total', ...labels);
  }

  /** How often the offence is counted while something is done, which waits until it is at all. */
  async counting(offence: string, attack: () => Promise<unknown>, peer?: 'src' | 'dst'): Promise<number> {
    const before = await this.offences(offence, peer);
    await attack();
    let counted = 0;
    await eventually(`${offence} is counted`, async () => {
      counted = (await this.offences(offence, peer)) - before;
      return counted > 0;
    });
    return counted;
  }

  /** Leads a port of the second service to endpoints at these ports, which may be anything. */
  lead(port: number, rule: HttpRuleInit, ...ports: number[]): void {
    const { controlPlane, pod } = this.world;
    const path = `hostile${port}.shop.svc.cluster.local:80`;
    controlPlane.endpoints(path).set(add(ports.map((each) => `${pod.hostIp}:${each}`)));
    const backends = first(balanced(path));
    controlPlane
      .outbound(`${pod.service(2)}:${port}`)
      .set(httpPolicy(`hostile${port}`, [{ ...rule, backends }]));
  }

  /** Nothing is left of all attacks: no connection, no memory, no error of the proxy's own. */
  async expectNothingLeft(): Promise<void> {
    const { proxy } = this.world;
    await eventually('all but ours are gone', async () => {
      const labels = ['peer="src"', `direction="${this.#side}"`];
      return (await proxy.metric('tcp_open_connections', ...labels)) <= 8;
    });
    // A proxy that has nothing to do gives back what it does not need.
    await eventually(
      `memory is near ${this.#memoryBefore.toFixed(0)} MB again`,
      () => proxy.memory < this.#memoryBefore + MEMORY_SLACK,
      20_000,
    );
    expect(proxy.log.filter((line) => line.includes(' ERROR '))).toEqual([]);
    expect(await proxy.metric('proxy_unexpected_errors_total')).toBe(0);
    expect((await proxy.admin('/ready')).status).toBe(200);
  }

  #observe(): SteadyClient {
    const { podIp } = this.world.pod;
    return this.#side === 'inbound'
      ? new SteadyClient(podIp, this.app.port)
      : new SteadyClient(this.world.pod.service(1), 80);
  }
}
