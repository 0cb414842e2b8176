import { describe, expect, it } from '@jest/globals';
import { summary } from '../endpoints/update.builder.ts';
import { aMesh, aNode, aPod, aService } from '../mesh.builder.ts';

const WEB = 'web.shop.svc.cluster.local:80';
const onNode = (nodeName: string) => JSON.stringify({ nodeName });

describe('streams that ask the same', () => {
  it('share one computation and the very same bytes', () => {
    const mesh = aMesh({}, aService(), aPod());
    const streams = Array.from({ length: 50 }, () => mesh.get(WEB));
    const first = streams.map(({ cursor }) => cursor.next());
    expect(new Set(first).size).toBe(1);
    mesh.put(aPod('web-2', { ip: '10.1.0.2' }));
    const second = streams.map(({ cursor }) => cursor.next());
    expect(new Set(second).size).toBe(1);
    expect(mesh.counts).toMatchObject({ computed: 2, encoded: 2 });
  });

  it('share also from different nodes, as long as nothing makes the answer differ', () => {
    const mesh = aMesh({}, aNode('n1', 'east'), aNode('n2', 'east'), aNode('n3', 'west'), aService(), aPod());
    const bytes = ['n1', 'n2', 'n3'].map((node) => mesh.get(WEB, onNode(node)).cursor.next());
    expect(bytes[0]).toBe(bytes[1]);
    expect(bytes[2]).not.toBe(bytes[0]);
    expect([...mesh.publisher.topics()]).toHaveLength(2);
  });

  it('are moved to another answer when their node changes zone', () => {
    const mesh = aMesh({}, aNode('n2', 'east'), aNode('n1', 'east'), aService(), aPod());
    const stream = mesh.get(WEB, onNode('n2'));
    stream.read();
    mesh.put(aNode('n2', 'west'));
    const [update] = stream.read();
    expect(update?.update.value).toMatchObject({ addrs: [{ metricLabels: { zone_locality: 'remote' } }] });
    expect([...mesh.publisher.topics()]).toHaveLength(1);
  });
});

describe('an answer', () => {
  it('is computed anew only when something it was made from changes', () => {
    const mesh = aMesh({}, aService(), aPod(), aService('api', { spec: { clusterIP: '10.96.0.2' } }));
    mesh.get(WEB).read();
    const before = mesh.counts.computed;
    mesh.put(
      aPod('api-1', { app: 'api', ip: '10.1.0.5' }),
      aService('third', { spec: { clusterIP: '10.96.0.3' } }),
    );
    expect(mesh.counts.computed).toBe(before);
    mesh.put(aPod('web-2', { ip: '10.1.0.2' }));
    expect(mesh.counts.computed).toBe(before + 1);
  });

  it('is forgotten with its last stream', () => {
    const mesh = aMesh({}, aService(), aPod());
    const [a, b] = [mesh.get(WEB), mesh.get(WEB)];
    expect([...mesh.publisher.topics()].map(({ readers }) => readers)).toEqual([2]);
    a.close();
    a.close();
    expect([...mesh.publisher.topics()].map(({ readers }) => readers)).toEqual([1]);
    b.close();
    expect([...mesh.publisher.topics()]).toEqual([]);
  });

  it('outlives a stream that ends between another’s opening and its first read', () => {
    const mesh = aMesh({}, aService(), aPod());
    const a = mesh.get(WEB);
    const b = mesh.get(WEB);
    a.close();
    b.read();
    mesh.put(aPod('web-2', { ip: '10.1.0.2' }));
    expect(summary(b.read())).toEqual(['+10.1.0.2:8080']);
  });

  it('wakes its readers, and only those', () => {
    const mesh = aMesh({}, aService(), aPod(), aService('api', { spec: { clusterIP: '10.96.0.2' } }));
    const woken: string[] = [];
    mesh.get(WEB).cursor.onChange(() => woken.push('web'));
    mesh.get('api.shop.svc.cluster.local').cursor.onChange(() => woken.push('api'));
    mesh.put(aPod('web-2', { ip: '10.1.0.2' }));
    expect(woken).toEqual(['web']);
  });

  it('that has ended does not end the streams of those who ask anew', () => {
    const mesh = aMesh({}, aPod());
    const slow = mesh.watchPort('shop:web-1', 8080);
    mesh.remove('Pod', 'web-1');
    mesh.put(aPod());
    const fresh = mesh.watchPort('shop:web-1', 8080);
    expect(slow.read()).toHaveLength(1);
    expect(slow.closed).toBe(true);
    expect(fresh.read()).toHaveLength(1);
    expect(fresh.closed).toBe(false);
    slow.close();
    mesh.put(aPod('web-1', { annotations: { 'config.linkerd.io/default-inbound-policy': 'deny' } }));
    expect(fresh.read()).toHaveLength(1);
  });

  it('keeps bytes for a few transitions only, however many readers stay away at different states', () => {
    const mesh = aMesh({}, aService(), aPod('web-0', { ip: '10.2.0.1' }));
    const streams = Array.from({ length: 30 }, (_, i) => {
      mesh.put(aPod(`web-${i + 1}`, { ip: `10.1.0.${i + 1}` }));
      const stream = mesh.get(WEB);
      stream.read();
      return stream;
    });
    mesh.put(aPod('web-99', { ip: '10.1.0.99' }));
    for (const [i, stream] of streams.entries()) expect(summary(stream.read())).toHaveLength(30 - i);
    expect(mesh.counts.skipped).toBe(29);
  });
});
