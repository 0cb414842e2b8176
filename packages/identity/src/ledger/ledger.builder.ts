import type { LedgerEntry } from './ledger.ts';

export function entryOf(serial: string): LedgerEntry {
  return {
    serial,
    identity: 'web.shop.serviceaccount.identity.linkerd.cluster.local',
    issuer: 'CN=identity.linkerd.cluster.local',
    issuedAt: '2026-01-01T00:00:00.000Z',
    notBefore: '2025-12-31T23:59:50.000Z',
    notAfter: '2026-01-02T00:00:10.000Z',
  };
}
