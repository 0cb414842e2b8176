import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '../balance/balancer.builder.ts';
import { renderLabels } from '../metrics/labels.ts';
import { Registry } from '../metrics/registry.ts';
import { TransportMetrics } from '../metrics/transport.ts';
import { OpenConnections } from '../transport/open-connections.ts';
import { RecordingHandler } from '../transport/recording-handler.builder.ts';
import { socketPair } from '../transport/socket-pair.builder.ts';
import { describeConnections, whyEncrypted } from './describe-connections.ts';

const connection = {
  peer: { ip: '10.0.0.9', port: 40_000 },
  local: { ip: '10.0.0.5', port: 4143 },
  bytesRead: 12,
  bytesWritten: 34,
};

describe('an open connection', () => {
  it('is told with its ends, its age and what went through it', () => {
    const clock = new FakeClock();
    const open = new OpenConnections(() => clock.now());
    const labels = renderLabels([
      ['direction', 'inbound'],
      ['peer', 'src'],
      ['srv_name', 'a "quoted", \\ name\n'],
      ['tls', 'true'],
      ['client_id', 'web.shop'],
    ]);
    const close = open.add(connection, labels);
    clock.advance(1500);
    expect(describeConnections(open, clock.now())).toEqual({
      total: 1,
      shown: [
        {
          peer: '10.0.0.9:40000',
          local: '10.0.0.5:4143',
          encrypted: true,
          why: 'mutual TLS: the client proved to be web.shop',
          ageSeconds: 1.5,
          bytesRead: 12,
          bytesWritten: 34,
          labels: {
            direction: 'inbound',
            peer: 'src',
            srv_name: 'a "quoted", \\ name\n',
            client_id: 'web.shop',
          },
        },
      ],
    });
    close();
    expect(describeConnections(open, clock.now()).total).toBe(0);
  });

  it('is there from when its metrics count it until it is closed', async () => {
    const open = new OpenConnections(() => 0);
    const transport = new TransportMetrics(new Registry(0), open);
    const { client, server, close } = await socketPair();
    server.observe(transport.open('tls="no_identity",no_tls_reason="loopback"'));
    client.observe(open.observer('addr="dst:8086"'));
    const { shown } = describeConnections(open, 0);
    expect(shown.map(({ peer, local }) => [peer, local])).toEqual([
      [`127.0.0.1:${server.peer.port}`, `127.0.0.1:${server.local.port}`],
      [`127.0.0.1:${client.peer.port}`, `127.0.0.1:${client.local.port}`],
    ]);
    const heard = [client, server].map((each) => {
      const handler = new RecordingHandler();
      each.handler = handler;
      return handler;
    });
    close();
    await Promise.all(heard.map((handler) => handler.when(({ closes }) => closes > 0)));
    expect(describeConnections(open, 0).total).toBe(0);
  });

  it('is one of many that are shown in part', () => {
    const open = new OpenConnections(() => 0);
    for (let i = 0; i < 10_000; i++) open.add(connection, 'tls="true",client_id="web"');
    const state = describeConnections(open, 0);
    expect([state.total, state.shown.length]).toEqual([10_000, 1000]);
  });
});

describe('the reason', () => {
  it.each([
    [{ tls: 'true', server_id: 'orders' }, 'mutual TLS: the server proved to be orders'],
    [{ tls: 'true', client_id: '' }, 'mesh TLS: the client showed no certificate'],
    [
      { tls: 'opaque', sni: 'shop.example' },
      'TLS of the application for shop.example, passed through unread',
    ],
    [{ tls: 'no_identity', no_tls_reason: 'loopback' }, 'it does not leave the pod'],
    [{ tls: 'no_identity', no_tls_reason: 'port_skipped' }, 'the policy of the port is opaque'],
    [{ tls: 'no_identity', no_tls_reason: 'no_tls_from_remote' }, 'did not open with mesh TLS'],
    [{ tls: 'no_identity', no_tls_reason: 'not_provided_by_service_discovery' }, 'names no identity'],
    [{ tls: 'no_identity', no_tls_reason: 'something_new' }, 'not encrypted: something_new'],
  ])('of %j', (labels: Record<string, string>, why) => {
    expect(whyEncrypted(new Map(Object.entries(labels)))).toContain(why);
  });
});
