import { expect, it } from '@jest/globals';
import { capture } from '../harness/capture.ts';
import type { Mesh } from '../harness/mesh.ts';
import type { Packet } from '../harness/pcap.ts';

/** What a request of each protocol would show: a page, an order's method and reply, a mail, a WebSocket. */
const TELLTALES = [
  'GET /',
  'HTTP/1.1',
  'shop.orders.Orders',
  'MAIL FROM',
  'Your order',
  'Sec-WebSocket',
  '"price":',
];
const INBOUND = 4143;

export function encryptionScenario(mesh: () => Mesh): void {
  it('a packet capture holds no plaintext byte of a request between meshed pods, and does hold it between legacy and a skipped port', async () => {
    const secret = `secret-${Date.now()}`;
    const packets = await capture(mesh(), async () => {
      for (let n = 0; n < 5; n++)
        await mesh().inside('traffic', 'status.mjs', 'http://web/', `x-secret=${secret}`);
      expect(await mesh().inside('legacy', 'status.mjs', 'http://web/', `x-secret=${secret}`)).toBe('200\n');
      await mesh().inside('reports', 'status.mjs', 'http://legacy:9000/figures', `x-secret=${secret}`);
    });
    const ip = (workload: string) =>
      new Set(
        mesh()
          .pods(workload)
          .map((pod) => pod.ip),
      );
    const meshed = new Set(['web', 'orders', 'mail', 'ticker', 'traffic'].flatMap((name) => [...ip(name)]));
    const within = packets.filter(({ from, to }) => meshed.has(from) && meshed.has(to));
    const shows = (text: string) => (packet: Packet) => packet.payload.includes(text);

    expect(within.length).toBeGreaterThan(50);
    for (const text of [secret, ...TELLTALES]) {
      expect([text, within.filter(shows(text)).length]).toEqual([text, 0]);
    }
    // All of it goes to the other proxy, and each connection begins with a TLS record.
    expect(new Set(within.map((packet) => Math.min(packet.fromPort, packet.toPort)))).toEqual(
      new Set([INBOUND]),
    );

    const between = (from: Set<string>, to: Set<string>) =>
      packets.filter((packet) => from.has(packet.from) && to.has(packet.to) && shows(secret)(packet));
    expect(between(ip('legacy'), ip('web')).length).toBeGreaterThan(0);
    expect(between(ip('reports'), ip('legacy')).length).toBeGreaterThan(0);
  });
}
