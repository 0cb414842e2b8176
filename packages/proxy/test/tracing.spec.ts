import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { add } from '../src/discovery/update.builder.ts';
import { ControlPlane } from './control-plane.builder.ts';
import { toService } from './outbound-policy.builder.ts';
import { canMakePods, Pod } from './pod.builder.ts';
import { ORDERS, ProxyProcess } from './proxy-process.builder.ts';
import { COLLECTOR, TraceCollector } from './trace-collector.builder.ts';
import { get, HttpServer } from './traffic.builder.ts';

jest.setTimeout(30_000);

const A = 'a.shop.svc.cluster.local:80';
const PARENT = 'b7ad6b7169203331';
const PORT = 8000;

// Without root there is no namespace to redirect in.
if (canMakePods()) {
  describe('traces', () => {
    let pod: Pod;
    let controlPlane: ControlPlane;
    let collector: TraceCollector;
    let app: HttpServer;
    /** The value of traceparent, and of x-b3-spanid, with which the last request reached its server. */
    let seen: { readonly w3c: string; readonly b3: string };

    beforeAll(async () => {
      pod = Pod.make();
      controlPlane = await ControlPlane.start({ ip: pod.hostIp });
      collector = await TraceCollector.listen(controlPlane, pod.hostIp);
      app = await HttpServer.start(pod.hostIp, 'app');
      app.answer = ({ headers }, response) => {
        seen = { w3c: String(headers.traceparent), b3: String(headers['x-b3-spanid']) };
        response.writeHead(201).end();
      };
      controlPlane.outbound(`${pod.service(1)}:${PORT}`).set(toService(A));
      controlPlane.endpoints(A).set(add([`${pod.hostIp}:${app.port}`]));
    });
    afterAll(async () => {
      app.close();
      collector.close();
      await controlPlane.stop();
      pod.remove();
    });

    const w3c = (trace: string, sampled: boolean) => ({
      traceparent: `00-${trace}-${PARENT}-0${sampled ? 1 : 0}`,
    });
    const outbound = (headers: Record<string, string>) =>
      get(pod.service(1), PORT, { path: '/out', headers });
    const inbound = (headers: Record<string, string>) =>
      get(pod.podIp, app.port, { path: '/in?x=1', headers });
    const newTrace = () => randomBytes(16).toString('hex');

    describe('with a collector', () => {
      let proxy: ProxyProcess;
      beforeAll(async () => {
        proxy = await new ProxyProcess(controlPlane, {
          pod,
          env: {
            TRACE_COLLECTOR_SVC_ADDR: `${pod.hostIp}:${collector.port}`,
            TRACE_COLLECTOR_SVC_NAME: COLLECTOR,
            TRACE_SERVICE_NAME: 'linkerd-proxy',
            TRACE_EXTRA_ATTRIBUTES: 'team="shop"',
          },
        }).ready();
      });
      afterAll(() => proxy.kill());

      it('are continued in the format they came in, sampled or not', async () => {
        const trace = newTrace();
        await outbound(w3c(trace, false));
        expect(seen.w3c).toMatch(new RegExp(`^00-${trace}-[0-9a-f]{16}-00$`));
        expect(seen.w3c).not.toContain(PARENT);
        await inbound({ 'x-b3-traceid': trace, 'x-b3-spanid': PARENT, 'x-b3-sampled': '0' });
        expect(seen).toMatchObject({ w3c: 'undefined', b3: expect.stringMatching(/^[0-9a-f]{16}$/) });
        expect(seen.b3).not.toBe(PARENT);
        await outbound({});
        expect(seen).toEqual({ w3c: 'undefined', b3: 'undefined' });
      });

      it('are told to the collector when they are sampled: the rest when the proxy ends', async () => {
        const [out, into, unsampled, b3] = [newTrace(), newTrace(), newTrace(), newTrace()];
        await outbound(w3c(out, true));
        const sent = seen.w3c.split('-')[2];
        await inbound(w3c(into, true));
        await outbound(w3c(unsampled, false));
        await inbound({ 'x-b3-traceid': b3, 'x-b3-spanid': PARENT, 'x-b3-sampled': '1' });
        expect(await proxy.metric('opentelemetry_span_exports')).toBe(0);
        proxy.signal('SIGTERM');
        expect(await proxy.exited).toBe(0);
        const [client, server] = collector.spans(out);
        expect(server).toMatchObject({ parentId: PARENT, kind: 2, name: '/out' });
        expect(client).toMatchObject({ parentId: server?.spanId, spanId: sent, kind: 3 });
        expect(server?.attributes).toMatchObject({
          direction: 'outbound',
          'http.request.method': 'GET',
          'url.path': '/out',
          'http.response.status_code': '201',
          'server.address': pod.service(1),
        });
        expect((client?.startNs ?? 0n) >= (server?.startNs ?? 0n)).toBe(true);
        expect((server?.endNs ?? 0n) > (server?.startNs ?? 0n)).toBe(true);
        expect(Math.abs(Number((server?.endNs ?? 0n) / 1_000_000n) - Date.now())).toBeLessThan(20_000);
        expect(collector.spans(into)).toMatchObject([
          { kind: 3, attributes: { direction: 'inbound', 'url.query': 'x=1' } },
          { kind: 2 },
        ]);
        expect(collector.spans(b3)).toHaveLength(2);
        expect(collector.spans(unsampled)).toEqual([]);
        expect(collector.exports[0]?.resource).toMatchObject({
          'service.name': 'linkerd-proxy',
          team: 'shop',
          'process.pid': String(proxy.pid),
        });
        expect([...collector.clients]).toEqual([ORDERS]);
      });
    });

    describe('without a collector', () => {
      let proxy: ProxyProcess;
      beforeAll(async () => {
        proxy = await new ProxyProcess(controlPlane, { pod }).ready();
      });
      afterAll(() => proxy.kill());

      it('are none of the proxy’s business', async () => {
        const headers = w3c(newTrace(), true);
        await outbound(headers);
        expect(seen.w3c).toBe(headers.traceparent);
        await inbound(headers);
        expect(seen.w3c).toBe(headers.traceparent);
        expect((await proxy.admin('/metrics')).text).not.toContain('opentelemetry');
      });
    });

    describe('whose collector is away', () => {
      let proxy: ProxyProcess;
      beforeAll(async () => {
        const env = { TRACE_COLLECTOR_SVC_ADDR: `${pod.hostIp}:1`, TRACE_COLLECTOR_SVC_NAME: COLLECTOR };
        proxy = await new ProxyProcess(controlPlane, { pod, env }).ready();
      });
      afterAll(() => proxy.kill());

      it('cost the traffic nothing, and do not hold up the end', async () => {
        const headers = w3c(newTrace(), true);
        const answers = await Promise.all(Array.from({ length: 60 }, () => outbound(headers)));
        expect(answers.map(({ status }) => status)).toEqual(Array(60).fill(201));
        const began = performance.now();
        proxy.signal('SIGTERM');
        expect(await proxy.exited).toBe(0);
        expect(performance.now() - began).toBeLessThan(5000);
      });
    });
  });
}
