import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ControlPlane } from '../control-plane.builder.ts';
import { eventually } from '../proxy-process.builder.ts';
import { SteadyClient } from '../traffic.builder.ts';
import { type Apps, startApps } from './apps.builder.ts';
import { Call } from './grpc-peer.builder.ts';
import { Http2Caller } from './http2-peer.builder.ts';
import { pairs } from './makes.builder.ts';
import { MeshPair, type Service, type Way } from './mesh-pair.builder.ts';
import { exchange } from './tcp-peer.builder.ts';

/** Milliseconds that a leaf is good for; it is renewed when 70 % of that are over. */
const LEAF_LIFETIME = 4000;
const RENEWALS = 4;
const env = { IDENTITY_MIN_REFRESH: '500ms' };
const ways: Way[] = ['TLS', 'HTTP/2', 'transport header'];

/** Opens connection after connection: each has a handshake of its own between the proxies. */
class SteadyDialer {
  succeeded = 0;
  readonly failures: string[] = [];
  #running = true;
  readonly #done: Promise<void>;

  constructor(service: Service) {
    this.#done = this.#dial(service);
  }

  async stop(): Promise<void> {
    this.#running = false;
    await this.#done;
  }

  async #dial({ ip, port }: Service): Promise<void> {
    while (this.#running) {
      try {
        const echo = (await exchange(ip, port, 'hello')).toString();
        if (echo === 'hello') this.succeeded++;
        else this.failures.push(`echo "${echo}"`);
      } catch (error) {
        this.failures.push(String(error));
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

describe.each(pairs)('leaves $title', (makes) => {
  let pair: MeshPair;
  let app: Apps['app'];
  let rpc: Apps['rpc'];
  let echo: Apps['echo'];

  beforeAll(async () => {
    const prepare = (controlPlane: ControlPlane) => {
      controlPlane.leafLifetimeMs = LEAF_LIFETIME;
    };
    pair = await MeshPair.start(makes, { clientEnv: env, serverEnv: env, prepare });
    ({ app, rpc, echo } = await startApps(pair.server.pod.hostIp));
  });
  afterAll(async () => {
    for (const each of [app, rpc, echo]) each.close();
    await pair.stop();
  });

  it('are renewed on both sides, and no request fails', async () => {
    const sides = [pair.client, pair.server];
    const http = ways
      .map((way) => pair.serve(app.port, way))
      .map(({ ip, port }) => new SteadyClient(ip, port));
    const dialer = new SteadyDialer(pair.serve(echo.port, 'opaque'));
    const calling = pair.serve(rpc.port, 'HTTP/2');
    const caller = await Http2Caller.open(calling.ip, calling.port);
    const talk = new Call(caller, 'Bidi');

    const certified = () => sides.map(({ controlPlane }) => controlPlane.certifyCalls.length);
    const before = certified();
    let said = 0;
    try {
      await eventually(
        'the leaves are renewed',
        async () => {
          talk.send(`${said}`);
          expect(await talk.next()).toBe(`re: ${said++}`);
          return certified().every((calls, i) => calls >= before[i] + RENEWALS);
        },
        5 * LEAF_LIFETIME,
      );
      expect(await talk.end().finish()).toMatchObject({ code: '0' });
    } finally {
      caller.close();
      await Promise.all([...http, dialer].map((client) => client.stop()));
    }
    for (const { failures, succeeded } of [...http, dialer]) {
      expect(failures).toEqual([]);
      expect(succeeded).toBeGreaterThan(2 * RENEWALS);
    }
    for (const { proxy } of sides) {
      const renewed = await proxy.metric('control_identity_cert_refreshes_total', 'result="ok"');
      expect(renewed).toBeGreaterThan(RENEWALS);
    }
  });
});
