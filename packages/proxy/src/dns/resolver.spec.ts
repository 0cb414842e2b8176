import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DnsServer } from './dns-server.builder.ts';
import { ControlResolver, ipOfTarget, type TtlBounds } from './resolver.ts';

const name = 'linkerd-dst-headless.linkerd.svc.cluster.local';

describe('resolving a control-plane name', () => {
  let server: DnsServer;
  let address: string;
  const counted: string[] = [];

  beforeEach(async () => {
    server = new DnsServer();
    address = await server.listen();
    counted.length = 0;
  });

  afterEach(() => server.close());

  function resolve(bounds: Partial<TtlBounds> = {}) {
    const metrics = { onResolution: (record: string, result: string) => counted.push(`${record} ${result}`) };
    const resolver = new ControlResolver({ minMs: undefined, maxMs: undefined, ...bounds }, metrics, [
      address,
    ]);
    return resolver.resolve(`${name}.`, 8086);
  }

  it('takes addresses and ports from SRV records on the plain name', async () => {
    server.srv.set(name, [
      { port: 8087, target: `10-0-0-1.${name}`, ttl: 30 },
      { port: 8087, target: `fd00--2.${name}`, ttl: 30 },
    ]);
    const { addresses } = await resolve();
    expect(addresses).toEqual(
      expect.arrayContaining([
        { ip: '10.0.0.1', port: 8087 },
        { ip: 'fd00::2', port: 8087 },
      ]),
    );
    expect(server.questions).toEqual([`SRV ${name}`]);
    expect(counted).toEqual(['SRV ok']);
  });

  it('falls back to addresses with the configured port', async () => {
    server.a.set(name, [
      { ip: '10.0.0.7', ttl: 30 },
      { ip: '10.0.0.8', ttl: 20 },
    ]);
    const { addresses, ttlMs } = await resolve();
    expect(new Set(addresses.map(({ ip, port }) => `${ip} ${port}`))).toEqual(
      new Set(['10.0.0.7 8086', '10.0.0.8 8086']),
    );
    expect(ttlMs).toBe(20_000);
    expect(counted).toEqual(['SRV not_found', 'A/AAAA ok']);
  });

  it('takes no SRV answer in which a target names no address', async () => {
    server.srv.set(name, [
      { port: 8087, target: `10-0-0-1.${name}`, ttl: 30 },
      { port: 8087, target: `cafe-0.${name}`, ttl: 30 },
    ]);
    server.a.set(name, [{ ip: '10.0.0.1', ttl: 30 }]);
    expect((await resolve()).addresses).toEqual([{ ip: '10.0.0.1', port: 8086 }]);
  });

  it('asks for IPv6 addresses where there are none of IPv4', async () => {
    server.aaaa.set(name, [{ ip: `fd00${'0'.repeat(27)}9`, ttl: 30 }]);
    expect((await resolve()).addresses).toEqual([{ ip: 'fd00::9', port: 8086 }]);
    expect(server.questions.map((question) => question.split(' ')[0])).toEqual(['SRV', 'A', 'AAAA']);
  });

  it('fails when there is neither, naming the name and the cause', async () => {
    const failure = await resolve().catch((error: unknown) => error);
    expect(failure).toMatchObject({ message: `${name}. cannot be resolved`, cause: { code: 'ENOTFOUND' } });
    expect(counted).toEqual(['SRV not_found', 'A/AAAA not_found']);
  });

  it.each<[number, Partial<TtlBounds>, number]>([
    [1, {}, 5000],
    [60, {}, 60_000],
    [60, { maxMs: 20_000 }, 20_000],
    [10, { minMs: 30_000 }, 30_000],
    [60, { maxMs: 1000 }, 5000],
  ])('holds a TTL of %d s within %j for %d ms', async (ttl, bounds, expected) => {
    server.a.set(name, [{ ip: '10.0.0.7', ttl }]);
    expect((await resolve(bounds)).ttlMs).toBe(expected);
  });
});

describe('the address in an SRV target', () => {
  it.each([
    ['10-0-0-1.x.svc', '10.0.0.1'],
    ['fd00--1.x.svc', 'fd00::1'],
    ['2001-db8-0-0-0-0-0-7.x.svc', '2001:db8:0:0:0:0:0:7'],
  ])('%s is %s', (target, ip) => {
    expect(ipOfTarget(target)).toBe(ip);
  });

  it.each(['web-0.x.svc', 'cafe-0.x.svc', '10-0-0-999.x.svc', '10-0-0.x.svc', 'web', ''])(
    'is missing in %j',
    (target) => {
      expect(() => ipOfTarget(target)).toThrow(/names no address/);
    },
  );
});
