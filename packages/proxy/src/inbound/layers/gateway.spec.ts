import { describe, expect, it } from '@jest/globals';
import { FakeClient, responseHead } from '../../exchange/exchange.builder.ts';
import type { RequestHead } from '../../http/message.ts';
import { identities, serverPolicy } from '../../policy/server.builder.ts';
import { GATEWAY, InboundBench, meshed, WEB } from '../inbound.builder.ts';

/** A gateway on the way to orders:8080, or to nowhere. */
function gateway(
  options: {
    tls?: ReturnType<typeof meshed>;
    leads?: boolean;
    policy?: ReturnType<typeof serverPolicy>;
  } = {},
) {
  const through = new FakeClient();
  const passage = {
    host: 'orders.shop.svc.cluster.local:8080',
    client: () => (options.leads === false ? null : through),
    forward: async () => {},
    release() {},
  };
  const bench = new InboundBench({
    passage,
    tls: options.tls ?? meshed(),
    ...(options.policy === undefined ? {} : { policy: options.policy }),
  });
  return { bench, through, send: (over: Partial<RequestHead> = {}) => bench.send(over) };
}

const noted = `by=${GATEWAY};for=${WEB};host=orders.shop.svc.cluster.local:8080;proto=https`;

describe('a request for another service', () => {
  it('goes on to it, under its name, and says where it came through', () => {
    const { through, send } = gateway();
    const request = send({ headers: ['host', 'gateway'] });
    expect(through.events).toEqual(['GET / ended']);
    expect(request.forwarded('host')).toBe('orders.shop.svc.cluster.local:8080');
    expect(request.forwarded('forwarded')).toBe(noted);
    through.handler?.onResponseHead(responseHead(200), true);
    expect(request.status).toBe(200);
  });

  it('in HTTP/2 keeps the fields it came with', () => {
    const request = gateway().send({ version: '2', authority: 'orders', headers: [] });
    expect(request.forwarded('host')).toBeUndefined();
    expect(request.forwarded('forwarded')).toBe(noted);
  });

  it('that came through other gateways goes on', () => {
    const headers = ['host', 'x', 'forwarded', 'by=elsewhere;for=a', 'forwarded', 'for=b;host=c'];
    expect(gateway().send({ headers }).status).toBeUndefined();
  });

  it.each([
    ['noted here', `by=${GATEWAY};for=a;host=b`],
    ['noted here, among others', `for=x, by="${GATEWAY}"`],
    ['noted here, in another case', `for=x;By=${GATEWAY}`],
  ])('that was %s goes round in circles', (_how, forwarded) => {
    const { bench, through, send } = gateway();
    const request = send({ headers: ['host', 'x', 'forwarded', forwarded] });
    expect([request.status, through.events]).toEqual([508, []]);
    expect(request.answered('l5d-proxy-error')).toBe('gateway loop detected');
    expect(bench.series('inbound_http_errors_total').join()).toContain('error="gateway loop"');
  });

  it('from the gateway itself goes round in circles', () => {
    expect(gateway({ tls: meshed(GATEWAY) }).send().status).toBe(508);
  });

  it('that leads nowhere is not found', () => {
    const { bench, send } = gateway({ leads: false });
    const request = send();
    expect([request.status, request.downstream.events.includes('close-after')]).toEqual([404, false]);
    expect(bench.series('inbound_http_errors_total').join()).toContain('error="gateway domain invalid"');
  });

  it('is let in by the policy of the gateway first', () => {
    const policy = serverPolicy({ authorizations: [identities('somebody.else')] });
    const { through, send } = gateway({ policy });
    expect([send().status, through.events]).toEqual([403, []]);
  });

  it('does not count as one of the pod’s own', () => {
    const { bench, through, send } = gateway();
    send();
    through.handler?.onResponseHead(responseHead(200), true);
    expect(bench.series('request_total').join()).toMatch(/ 0$/);
    expect(bench.series('inbound_http_authz_allow_total').join()).toMatch(/ 1$/);
  });
});
