import { describe, expect, it } from '@jest/globals';
import { createLogger, type LogEvent, Registry } from '@weft/service';
import { createIssuer, createTrustAnchor } from '../certificate/authority.ts';
import type { IssuerBundle } from './issuer.ts';
import { IssuerError } from './issuer-error.ts';
import { IssuerMetrics } from './issuer-metrics.ts';
import { IssuerStore } from './issuer-store.ts';

const hour = 3_600_000;
const begin = Date.now();
const anchor = createTrustAnchor({ name: 'root', lifetimeMs: 100 * hour });
const bundleOf = (options: { from?: number } = {}): IssuerBundle => ({
  ...createIssuer(anchor, { name: 'issuer', lifetimeMs: 10 * hour, now: begin + (options.from ?? 0) }),
  anchorsPem: anchor.certChainPem,
});
const good = bundleOf();
const bad = { ...bundleOf(), keyPem: good.keyPem };

function storeOf(first: IssuerBundle | undefined) {
  const registry = new Registry();
  const events: LogEvent[] = [];
  let disk = first;
  let now = begin;
  const store = new IssuerStore({
    read: async () => {
      if (disk === undefined) throw new IssuerError('unreadable', '/issuer/crt.pem cannot be read');
      return disk;
    },
    logger: createLogger({ level: 'trace', write: () => {}, format: (event) => `${events.push(event)}` }),
    metrics: new IssuerMetrics(registry),
    now: () => now,
  });
  return {
    store,
    events,
    metrics: () => registry.metrics(),
    reload: (bundle: IssuerBundle | undefined, at = 0) => {
      disk = bundle;
      now = begin + at;
      return store.reload();
    },
  };
}

describe('an issuer store', () => {
  it('puts a good issuer in force and tells how long it lasts', async () => {
    const { store, reload, metrics } = storeOf(good);
    expect(await metrics()).toContain('issuer_cert_ttl_seconds 0');
    await reload(good);
    expect(store.current).toBeDefined();
    const [, seconds] = /issuer_cert_ttl_seconds ([\d.]+)/.exec(await metrics())!;
    expect(Number(seconds)).toBeGreaterThan(35_990);
    expect(Number(seconds)).toBeLessThanOrEqual(36_000);
  });

  it('lets a good new issuer take over and tells who asked', async () => {
    const { store, reload } = storeOf(good);
    await reload(good);
    const taken: unknown[] = [];
    store.subscribe((issuer) => taken.push(issuer));
    const before = store.current;
    await reload(bundleOf());
    expect(store.current).not.toBe(before);
    expect(taken).toEqual([store.current]);
  });

  it('keeps the old issuer when the new one is bad, with one log line and one count', async () => {
    const { store, reload, events, metrics } = storeOf(good);
    await reload(good);
    const before = store.current;
    await reload(bad);
    await reload(bad);
    expect(store.current).toBe(before);
    expect(events.filter(({ level }) => level === 'warn')).toEqual([
      expect.objectContaining({ message: 'new issuer refused; the old one stays in force' }),
    ]);
    expect(await metrics()).toContain('identity_issuer_reloads_total{result="refused"} 1');
  });

  it('keeps the old issuer when the files are gone', async () => {
    const { store, reload } = storeOf(good);
    await reload(good);
    await reload(undefined);
    expect(store.current).toBeDefined();
  });

  it('does nothing when the disk holds what is in force', async () => {
    const { store, reload, events } = storeOf(good);
    await reload(good);
    const before = store.current;
    await reload(bad);
    await reload(good);
    expect(store.current).toBe(before);
    expect(events.filter(({ message }) => message === 'issuer updated')).toHaveLength(1);
  });

  it('takes an issuer that has become valid by time alone', async () => {
    const { store, reload } = storeOf(good);
    await reload(good);
    const before = store.current;
    const later = bundleOf({ from: hour });
    await reload(later);
    expect(store.current).toBe(before);
    await reload(later, 2 * hour);
    expect(store.current).not.toBe(before);
  });

  it('refuses anchors that the issuer does not lead to, together with it', async () => {
    const { store, reload } = storeOf(good);
    await reload(good);
    const stranger = createTrustAnchor({ name: 'stranger', lifetimeMs: hour });
    await reload({ ...good, anchorsPem: stranger.certChainPem });
    expect(store.current?.anchorsPem).toBe(anchor.certChainPem);
  });
});
