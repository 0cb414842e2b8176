import { createPublicKey } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { recordingLogger } from '../log/recorder.builder.ts';
import { TestAuthority } from './authority.builder.ts';
import { type Certify, MeshIdentity } from './mesh-identity.ts';
import { MeshIdentityMetrics } from './mesh-identity-metrics.ts';
import { renewAfter, retryAfter } from './renewal.ts';

const identity = 'linkerd-destination.linkerd.serviceaccount.identity.linkerd.cluster.local';
const authority = new TestAuthority();
const day = 86_400_000;
const bounds = { minMs: 10_000, maxMs: day };

/** An issuer that certifies whatever key the request holds, without looking further. */
function issuerOf(name = identity, lifetimeMs = 20_000): Certify {
  return async (csr) => ({
    leaf: authority.issueFor(name, publicKeyOf(csr)),
    intermediates: [],
    validUntil: new Date(Date.now() + lifetimeMs),
  });
}

/** The request's SubjectPublicKeyInfo: a P-256 key is 91 bytes that begin with this prefix. */
function publicKeyOf(csr: Uint8Array) {
  const start = Buffer.from(csr).indexOf(Buffer.from('3059301306072a8648ce3d0201', 'hex'));
  return createPublicKey({ key: Buffer.from(csr.subarray(start, start + 91)), format: 'der', type: 'spki' });
}

/** Runs an identity on a clock that moves only by its own waits, until it has waited `rounds` times. */
async function runFor(
  rounds: number,
  certify: Certify,
  during: (mesh: MeshIdentity, round: number) => void = () => {},
) {
  const registry = new Registry();
  const { logger, events } = recordingLogger();
  const stop = new AbortController();
  const waits: number[] = [];
  const mesh: MeshIdentity = new MeshIdentity({
    identity,
    anchorsPem: authority.anchorPem,
    certify,
    logger,
    metrics: new MeshIdentityMetrics(registry),
    sleep: async (ms, signal) => {
      waits.push(Math.round(ms / 100) * 100);
      if (signal.aborted) waits[waits.length - 1] = 0;
      if (waits.length >= rounds) stop.abort();
      during(mesh, waits.length);
    },
  });
  await mesh.run(stop.signal);
  return { mesh, waits, events, metrics: () => registry.metrics() };
}

describe('a mesh identity', () => {
  it('puts a certificate for its own key in force and renews it at 70 % of its life', async () => {
    const { mesh, waits, metrics } = await runFor(2, issuerOf());
    expect(mesh.credentials.current?.leaf?.subjectAltName).toBe(`DNS:${identity}`);
    expect(waits).toEqual([14_000, 14_000]);
    expect(await metrics()).toContain('control_identity_cert_refreshes_total{result="ok"} 2');
  });

  it('offers no certificate before the first one, and tries again ever more slowly, down to once a second', async () => {
    const { mesh, waits, events, metrics } = await runFor(9, async () => {
      throw new Error('identity is away');
    });
    expect(mesh.credentials.current?.leaf).toBeUndefined();
    expect(waits).toEqual([100, 200, 400, 800, 1_000, 1_000, 1_000, 1_000, 1_000]);
    expect(events[0]).toMatchObject({ level: 'warn', message: 'certification failed' });
    expect(await metrics()).toContain('control_identity_cert_refreshes_total{result="error"} 9');
  });

  it('keeps the old certificate while the issuer is away', async () => {
    let calls = 0;
    const { mesh, waits } = await runFor(3, async (csr, signal) => {
      calls += 1;
      if (calls > 1) throw new Error('identity is away');
      return issuerOf()(csr, signal);
    });
    expect(mesh.credentials.current?.leaf).toBeDefined();
    expect(waits).toEqual([14_000, 10_000, 10_000]);
  });

  it.each<[string, Certify]>([
    ['for somebody else', issuerOf('somebody.else')],
    ['that has expired already', issuerOf(identity, -1_000)],
    [
      'for another key',
      async () => ({
        leaf: authority.issue(identity).der,
        intermediates: [],
        validUntil: new Date(Date.now() + 20_000),
      }),
    ],
  ])('refuses a certificate %s', async (_case, certify) => {
    const { mesh } = await runFor(1, certify);
    expect(mesh.credentials.current?.leaf).toBeUndefined();
  });

  it('certifies again at once when told that the issuer changed, even during a certification', async () => {
    let mesh: MeshIdentity | undefined;
    const { waits } = await runFor(
      2,
      (csr, signal) => {
        mesh?.renewNow();
        return issuerOf()(csr, signal);
      },
      (running) => {
        mesh = running;
      },
    );
    expect(waits).toEqual([14_000, 0]);
  });

  it('trusts replaced anchors and keeps its certificate', async () => {
    const { mesh } = await runFor(1, issuerOf());
    const before = mesh.credentials.current;
    mesh.replaceAnchors(authority.anchorPem + new TestAuthority('second').anchorPem);
    expect(mesh.credentials.current).not.toBe(before);
    expect(mesh.credentials.current?.leaf?.raw).toEqual(before?.leaf?.raw);
    expect(() => mesh.replaceAnchors('nothing')).toThrow('cannot be used');
  });
});

describe('the renewal schedule', () => {
  it.each([
    [100_000, 70_000],
    [1_000, 10_000],
    [-5_000, 10_000],
    [30 * day, day],
  ])('with %i ms left waits %i ms', (left, wait) => {
    expect(renewAfter(left, 0, bounds)).toBe(wait);
  });

  it('never waits longer than the lower bound after a failure', () => {
    expect(retryAfter(10_000, false, bounds)).toBe(1_000);
    expect(retryAfter(1, true, bounds)).toBe(10_000);
  });
});
