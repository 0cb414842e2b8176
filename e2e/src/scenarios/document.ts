import { expect, it } from '@jest/globals';
import { identityOf } from '../harness/credentials.ts';
import type { Mesh } from '../harness/mesh.ts';

export function documentScenario(mesh: () => Mesh): void {
  it('one document tells who talks to whom, how, whether encrypted, and what happened', async () => {
    const { status, document } = await mesh().stop();
    expect(status).toBe(0);
    const edge = (from: string, to: string, port: number) =>
      document.edges.find((each) => each.from === from && each.to === to && each.port === port);

    const meshed = (client: string, server: string) => ({
      tls: true,
      reason: '',
      clientIdentity: identityOf(client),
      serverIdentity: identityOf(server),
    });
    expect(edge('shop/traffic', 'shop/web', 8080)).toMatchObject({
      protocol: 'HTTP',
      ...meshed('traffic', 'web'),
    });
    expect(edge('shop/web', 'shop/orders', 50051)).toMatchObject({
      protocol: 'gRPC',
      ...meshed('web', 'orders'),
    });
    expect(edge('shop/orders', 'shop/mail', 25)).toMatchObject({
      protocol: 'TCP',
      ...meshed('orders', 'mail'),
    });
    expect(edge('shop/orders', 'shop/ticker', 8080)).toMatchObject({
      protocol: 'WebSocket',
      ...meshed('orders', 'ticker'),
    });
    expect(edge('shop/legacy', 'shop/web', 8080)).toMatchObject({
      tls: false,
      reason: 'client is not in the mesh',
      clientIdentity: '',
    });
    expect(edge('shop/reports', 'shop/legacy', 9000)).toMatchObject({
      tls: false,
      reason: 'port is skipped',
    });
    expect(edge('shop/intruder', 'shop/orders', 50051)).toMatchObject({ successRate: 0 });

    const orders = edge('shop/web', 'shop/orders', 50051)!;
    expect(orders.requests).toBeGreaterThan(10);
    expect(orders.p50Ms).toBeGreaterThan(0);
    expect(document.certificates.map(({ identity }) => identity)).toContain(identityOf('web'));
    expect(document.denied).toContainEqual(
      expect.objectContaining({ to: 'shop/orders', clientIdentity: identityOf('intruder') }),
    );
    const types = new Set(document.events.map(({ type }) => type));
    for (const type of ['issued', 'denied', 'endpoint gone']) expect(types).toContain(type);
  });
}
