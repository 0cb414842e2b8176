import { describe, expect, it } from '@jest/globals';
import { responseHead } from '../../exchange/exchange.builder.ts';
import { identities, serverPolicy } from '../../policy/server.builder.ts';
import { InboundBench, type InboundBenchOptions, meshed, WEB } from '../inbound.builder.ts';

function bench(options: Partial<InboundBenchOptions> = {}) {
  const lines: string[] = [];
  const accessLog = {
    format: 'json' as const,
    write: (line: string) => lines.push(line),
    wallClock: () => Date.UTC(2026, 0, 2),
  };
  const inbound = new InboundBench({ accessLog, ...options });
  inbound.clock.advance(1000);
  const records = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  return { inbound, records };
}

describe('the access log', () => {
  it('has one line for a request, as soon as the head of its response is there', () => {
    const { inbound, records } = bench({ tls: meshed() });
    const headers = ['host', 'web', 'user-agent', 'curl', 'content-length', '0', 'x-request-id', 'r1'];
    const { exchange } = inbound.send({ path: '/a?b', headers });
    expect(records()).toEqual([]);
    inbound.clock.advance(5);
    exchange.onResponseHead(responseHead(200, ['content-length', '7']), false);
    exchange.onResponseData(Buffer.from('content'));
    exchange.onResponseEnd(null);
    expect(records()).toEqual([
      {
        'client.addr': '10.0.0.9:40000',
        'client.id': WEB,
        timestamp: '2026-01-02T00:00:00.000Z',
        method: 'GET',
        uri: '/a?b',
        version: 'HTTP/1.1',
        trace_id: 'r1',
        request_bytes: '0',
        status: 200,
        response_bytes: '7',
        total_ns: '5000000',
        processing_ns: '0',
        user_agent: 'curl',
        host: 'web',
      },
    ]);
  });

  it('has what the proxy refuses', () => {
    const { inbound, records } = bench({
      policy: serverPolicy({ authorizations: [identities('web', WEB)] }),
    });
    inbound.send();
    expect(records()).toEqual([expect.objectContaining({ status: 403, response_bytes: '0' })]);
  });

  it('has requests without a response, too', () => {
    const { inbound, records } = bench();
    inbound.send().exchange.onRequestReset({ kind: 'reset', code: 8 });
    expect(records()).toHaveLength(1);
    expect(records()[0]).not.toHaveProperty('status');
  });

  it('tells the request as it came', () => {
    const { inbound, records } = bench();
    inbound.exchange({ version: '2', authority: 'web', path: '/', headers: ['l5d-orig-proto', 'HTTP/1.1'] });
    inbound.exchange({ form: 'absolute', authority: 'api', path: '/x', version: '1.0' });
    expect(records().map(({ uri, version }) => [uri, version])).toEqual([
      ['http://web/', 'HTTP/2.0'],
      ['http://api/x', 'HTTP/1.0'],
    ]);
  });
});
