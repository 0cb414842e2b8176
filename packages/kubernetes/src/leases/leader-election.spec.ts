import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { aRecordingLog } from '../api/log.builder.ts';
import {
  type Answer,
  disconnect,
  json,
  refusal,
  ScriptedApiServer,
} from '../api/scripted-api-server.builder.ts';
import { LeaderElection } from './leader-election.ts';

const LEASES = '/apis/coordination.k8s.io/v1/namespaces/linkerd/leases';
const LEASE = `${LEASES}/policy-controller-write`;

interface StoredLease {
  readonly metadata: { readonly resourceVersion: string };
  readonly spec: Readonly<Record<string, unknown>>;
}

let server: ScriptedApiServer;
let stored: StoredLease | undefined;
let candidates: { readonly stop: AbortController; readonly finished: Promise<void> }[];

/** Keeps one lease as the API server does: a write names the version it replaces. */
const read: Answer = (...to) => (stored === undefined ? refusal(404, 'NotFound') : json(stored))(...to);
const create: Answer = (response, request) => {
  if (stored !== undefined) return refusal(409, 'AlreadyExists')(response, request);
  const { spec } = request.body as StoredLease;
  stored = { metadata: { resourceVersion: '1' }, spec };
  return json(stored, 201)(response, request);
};
const patch: Answer = (response, request) => {
  const { metadata, spec } = request.body as StoredLease;
  const version = stored?.metadata.resourceVersion;
  if (metadata.resourceVersion !== version) return refusal(409, 'Conflict')(response, request);
  stored = {
    metadata: { resourceVersion: String(Number(version) + 1) },
    spec: { ...stored?.spec, ...spec },
  };
  return json(stored)(response, request);
};

beforeEach(async () => {
  server = await ScriptedApiServer.start();
  stored = undefined;
  candidates = [];
  server.on(`GET ${LEASE}`, read).on(`POST ${LEASES}`, create).on(`PATCH ${LEASE}`, patch);
});
afterEach(async () => {
  for (const { stop } of candidates) stop.abort();
  await Promise.all(candidates.map(({ finished }) => finished));
  await server.close();
});

function aCandidate(self: string) {
  const { log, said } = aRecordingLog();
  const changes: boolean[] = [];
  let changed = Promise.withResolvers<void>();
  const election = new LeaderElection({
    api: server.client(),
    lease: { namespace: 'linkerd', name: 'policy-controller-write' },
    self,
    log,
    durationMs: 1000,
    renewMs: 40,
    retryMs: 20,
    onChange: (leads) => {
      changes.push(leads);
      changed.resolve();
      changed = Promise.withResolvers();
    },
  });
  const stop = new AbortController();
  const finished = election.run(stop.signal);
  candidates.push({ stop, finished });
  return {
    election,
    changes,
    said,
    until: async (leads: boolean) => {
      while (election.leads !== leads) await changed.promise;
    },
    leave: async () => {
      stop.abort();
      await finished;
    },
  };
}

describe('an election', () => {
  it('is won by the first, who renews', async () => {
    const first = aCandidate('first');
    await first.until(true);
    const second = aCandidate('second');
    await server.untilSeen(`PATCH ${LEASE}`, 2);
    expect([first.election.leads, second.election.leads]).toEqual([true, false]);
    expect(stored?.spec).toMatchObject({
      holderIdentity: 'first',
      leaseDurationSeconds: 1,
      leaseTransitions: 0,
      renewTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
    });
  });

  it('is won by the next at once when the leader leaves in order', async () => {
    const first = aCandidate('first');
    await first.until(true);
    const second = aCandidate('second');
    await first.leave();
    expect(first.changes).toEqual([true, false]);
    await second.until(true);
    expect(stored?.spec).toMatchObject({ holderIdentity: 'second', leaseTransitions: 1 });
  });

  it('is won by the next when the leader has been silent for the duration of its lease', async () => {
    const spec = { holderIdentity: 'gone', leaseDurationSeconds: 1, leaseTransitions: 3 };
    stored = { metadata: { resourceVersion: '7' }, spec };
    const started = performance.now();
    await aCandidate('next').until(true);
    expect(performance.now() - started).toBeGreaterThanOrEqual(1000);
    expect(stored?.spec).toMatchObject({ holderIdentity: 'next', leaseTransitions: 4 });
  });

  it('is lost, before anybody else can win it, by a leader that cannot renew', async () => {
    const { until, changes, said } = aCandidate('first');
    await until(true);
    server.on(`GET ${LEASE}`, disconnect);
    const started = performance.now();
    await until(false);
    expect(performance.now() - started).toBeLessThan(1000);
    expect(changes).toEqual([true, false]);
    expect(said.filter((line) => line.startsWith('warn'))).toHaveLength(1);
    server.on(`GET ${LEASE}`, read);
    await until(true);
  });

  it('is not disturbed by somebody who was faster', async () => {
    server.on(`GET ${LEASE}`, refusal(404, 'NotFound'), read);
    stored = { metadata: { resourceVersion: '7' }, spec: { holderIdentity: '', leaseDurationSeconds: 1 } };
    const { until, said } = aCandidate('me');
    await until(true);
    expect(server.seen(`POST ${LEASES}`)).toHaveLength(1);
    expect(said.filter((line) => line.startsWith('warn'))).toEqual([]);
  });
});
