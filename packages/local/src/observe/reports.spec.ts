import { describe, expect, it } from '@jest/globals';
import { certificateReport } from './certificates.ts';
import { DenialLedger, denialsIn } from './denials.ts';
import { anObservedPod } from './observe.builder.ts';
import type { Sample } from './prometheus-text.ts';
import { Refusals } from './refusals.ts';

const orders = anObservedPod('orders');

describe('a certificate', () => {
  const gauge = (name: string, value: number, labels = {}): Sample => ({ name, labels, value });
  const samples = [
    gauge('control_identity_cert_refresh_timestamp_seconds', 1000),
    gauge('control_identity_cert_expiration_timestamp_seconds', 1020),
    gauge('control_identity_cert_refreshes_total', 4, { result: 'ok' }),
    gauge('control_identity_cert_refreshes_total', 9, { result: 'error' }),
  ];

  it('is told with its age and its next renewal, after seven tenths of its life', () => {
    expect(certificateReport(orders, samples, 1_006_400)).toEqual({
      pod: 'shop/orders-1',
      identity: orders.identity,
      issuedAt: '1970-01-01T00:16:40.000Z',
      expiresAt: '1970-01-01T00:17:00.000Z',
      ageSeconds: 6,
      nextRenewalAt: '1970-01-01T00:16:54.000Z',
      renewals: 3,
    });
  });

  it('is not there before the first one', () => {
    expect(
      certificateReport(orders, [gauge('control_identity_cert_expiration_timestamp_seconds', 0)], 0),
    ).toBeUndefined();
  });
});

describe('denials', () => {
  const denied = (value: number): Sample => ({
    name: 'inbound_http_authz_deny_total',
    value,
    labels: { target_port: '50051', srv_name: 'orders-grpc', tls: 'true', client_id: 'intruder.shop' },
  });

  it('are told by client, port and the Server that refused', () => {
    expect(denialsIn(orders, [denied(2), { name: 'request_total', labels: {}, value: 1 }])).toEqual([
      {
        to: 'shop/orders',
        port: 50051,
        clientIdentity: 'intruder.shop',
        protocol: 'HTTP',
        server: 'orders-grpc',
        count: 2,
      },
    ]);
  });

  it('add up over time and replicas', () => {
    const ledger = new DenialLedger();
    for (const growth of [2, 3]) for (const denial of denialsIn(orders, [denied(growth)])) ledger.add(denial);
    expect(ledger.entries).toMatchObject([{ count: 5 }]);
  });

  it('are told at once, and then only now and then with their number', () => {
    const refusals = new Refusals();
    const [denial] = denialsIn(orders, [denied(1)]);
    expect(refusals.tell(denial!, 0)).toBe('intruder.shop refused on port 50051 by orders-grpc (HTTP)');
    expect(refusals.tell(denial!, 4000)).toBeUndefined();
    expect(refusals.tell({ ...denial!, clientIdentity: '' }, 4000)).toMatch(/^a client without identity/);
    expect(refusals.tell(denial!, 10_000)).toBe(
      'intruder.shop refused on port 50051 2 times by orders-grpc (HTTP)',
    );
  });
});
