import { describe, expect, it } from '@jest/globals';
import { edgeReport } from './document.ts';
import { anAddressBook, anInboundSample, anObservedPod, anOutboundSample } from './observe.builder.ts';
import { TrafficLedger } from './traffic-ledger.ts';

const web = anObservedPod('web');
const nobody = anAddressBook([]);

const edgesOf = (ledger: TrafficLedger) => ledger.entries.map(edgeReport);

describe('the ledger of traffic', () => {
  it('tells a meshed edge with both identities, success and latency', () => {
    const ledger = new TrafficLedger();
    const bucket = (le: string, value: number) =>
      anOutboundSample('response_latency_ms_bucket', value, { le });
    ledger.addOutbound(
      web,
      [
        anOutboundSample('request_total', 10),
        anOutboundSample('response_total', 9, {
          classification: 'success',
          grpc_status: '0',
          status_code: '200',
        }),
        anOutboundSample('response_total', 1, {
          classification: 'failure',
          grpc_status: '14',
          status_code: '200',
        }),
        bucket('5', 5),
        bucket('10', 10),
        bucket('+Inf', 10),
      ],
      nobody,
    );
    expect(edgesOf(ledger)).toEqual([
      {
        from: 'shop/web',
        to: 'shop/orders',
        port: 50051,
        protocol: 'gRPC',
        tls: true,
        reason: '',
        clientIdentity: web.identity,
        serverIdentity: 'orders.shop.serviceaccount.identity.linkerd.cluster.local',
        requests: 10,
        successRate: 0.9,
        p50Ms: 5,
        p95Ms: 9.5,
        p99Ms: 9.9,
      },
    ]);
  });

  it('adds what replicas and their successors count', () => {
    const ledger = new TrafficLedger();
    for (const name of ['web-1', 'web-2']) {
      ledger.addOutbound({ ...web, name }, [anOutboundSample('request_total', 4)], nobody);
    }
    expect(edgesOf(ledger)).toMatchObject([{ requests: 8 }]);
  });

  it('says why traffic to a server outside the mesh is plain, and finds that server by its address', () => {
    const ledger = new TrafficLedger();
    const labels = {
      tls: 'no_identity',
      no_tls_reason: 'not_provided_by_service_discovery',
      dst_deployment: '',
    };
    const { dst_deployment: _, dst_namespace: __, server_id: ___, ...plain } = anOutboundSample('', 0).labels;
    ledger.addOutbound(
      web,
      [
        {
          name: 'request_total',
          value: 1,
          labels: { ...plain, tls: labels.tls, no_tls_reason: labels.no_tls_reason },
        },
      ],
      anAddressBook([anObservedPod('legacy', { ip: '10.42.0.20' })]),
    );
    expect(edgesOf(ledger)).toMatchObject([
      {
        to: 'shop/legacy',
        tls: false,
        reason: 'server is not in the mesh',
        clientIdentity: '',
        serverIdentity: '',
      },
    ]);
  });

  it('counts connections where no request can be seen', () => {
    const ledger = new TrafficLedger();
    ledger.addOutbound(
      web,
      [
        anOutboundSample('tcp_open_total', 2, { peer: 'dst', target_port: '25', dst_deployment: 'mail' }),
        anOutboundSample('tcp_open_total', 9, { peer: 'src', target_port: '25' }),
      ],
      nobody,
    );
    expect(edgesOf(ledger)).toMatchObject([
      { to: 'shop/mail', protocol: 'TCP', requests: 2, successRate: null },
    ]);
  });

  it('names a WebSocket by its upgrade', () => {
    const ledger = new TrafficLedger();
    const labels = { classification: 'success', grpc_status: '', status_code: '101' };
    ledger.addOutbound(web, [anOutboundSample('response_total', 1, labels)], nobody);
    expect(edgesOf(ledger)).toMatchObject([{ protocol: 'WebSocket' }]);
  });

  it('gives plain requests at a server to the client without a proxy', () => {
    const ledger = new TrafficLedger();
    const client = { from: 'shop/legacy', reason: 'client is not in the mesh' };
    ledger.addUnmeshedInbound(web, [anInboundSample('request_total', 3)], () => client);
    expect(edgesOf(ledger)).toMatchObject([
      { ...client, to: 'shop/web', port: 8080, tls: false, requests: 3 },
    ]);
  });

  it('leaves out probes, this machine’s own requests and those of the mesh', () => {
    const ledger = new TrafficLedger();
    const client = () => ({ from: 'shop/legacy', reason: '' });
    ledger.addUnmeshedInbound(web, [anInboundSample('request_total', 3, { route_name: 'probe' })], client);
    ledger.addUnmeshedInbound(web, [anInboundSample('request_total', 3)], () => undefined);
    ledger.addUnmeshedInbound(
      web,
      [anInboundSample('request_total', 3, { tls: 'true', no_tls_reason: '' })],
      client,
    );
    expect(ledger.entries).toEqual([]);
  });
});
