import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sumOf } from '../harness/metrics.ts';
import { waitFor } from '../harness/wait-for.ts';
import { CertificateClient, createAccount, type ServiceAccount } from './harness/certificate-client.ts';
import { upgradeTo } from './harness/changed-values.ts';
import { clusterVerb } from './harness/cluster.ts';
import { scaleControlPlane, serviceLog, serviceMetrics } from './harness/control-plane.ts';
import { installed } from './harness/installation.ts';
import { aDeployment, aService, IDLE } from './harness/manifests.ts';
import { isMeshed, type Pod, TestNamespace } from './harness/test-namespace.ts';

const NAMESPACE = 'redis-shared';
const IMAGE = 'weft-test/redis:7';
const BURST = 8;

/** Certificates a second: so few that a burst is not refilled while it is counted. */
const RATE = 1;

/** How long a certificate may take while Redis does not answer, in ms. */
const PATIENCE_MS = 3000;

describe('identity with Redis', () => {
  let namespace: TestNamespace;
  let putBack: () => Promise<void>;
  let replicas: readonly Pod[] = [];
  let clients: readonly CertificateClient[] = [];

  beforeAll(async () => {
    await installed();
    const folder = join(dirname(fileURLToPath(import.meta.url)), 'images', 'redis');
    await clusterVerb('build', folder, IMAGE, '-f', join(folder, 'Dockerfile'));
    namespace = await TestNamespace.create(NAMESPACE);
    await namespace.apply(
      aDeployment('redis', '', {
        container: {
          image: IMAGE,
          command: null,
          readinessProbe: { exec: { command: ['redis-cli', 'ping'] }, periodSeconds: 1 },
        },
      }),
      aService('redis', [{ name: 'redis', port: 6379 }]),
    );
    await namespace.ready();
    putBack = await upgradeTo({
      'redis.url': `redis://redis.${NAMESPACE}.svc.cluster.local:6379`,
      'identity.issuance.rate': String(RATE),
      'identity.issuance.burst': String(BURST),
    });
    replicas = await scaleControlPlane('identity', 2);
    clients = await Promise.all(replicas.map((pod) => CertificateClient.open(pod)));
  });
  afterAll(async () => {
    await Promise.all(clients.map((client) => client.close()));
    await putBack?.();
    await namespace?.delete();
  });

  /** A metric of each replica. */
  function ofEach(name: string): Promise<readonly number[]> {
    return Promise.all(replicas.map(async (pod) => sumOf(await serviceMetrics('identity', pod), name)));
  }

  async function redisCli(...args: readonly string[]): Promise<string> {
    const { metadata } = await namespace.pod('redis');
    const { status, stdout, stderr } = await namespace.exec(metadata.name, 'redis', ['redis-cli', ...args]);
    if (status !== 0) throw new Error(`redis-cli ${args.join(' ')}: ${stderr}`);
    return stdout;
  }

  /** Asks every replica; answers with the serial numbers as the ledger has them, and with the longest wait in ms. */
  async function certifyEverywhere(account: ServiceAccount) {
    const begun = Date.now();
    const leaves = await Promise.all(clients.map((client) => client.certify(account)));
    return { serials: leaves.map((leaf) => leaf.serialNumber.toLowerCase()), ms: Date.now() - begun };
  }

  async function ledger(): Promise<string> {
    return redisCli('XREVRANGE', 'weft:identity:ledger', '+', '-', 'COUNT', '50');
  }

  it('two replicas keep one ledger', async () => {
    await waitFor('Redis is reached', 30_000, async () => (await ofEach('redis_up')).every((up) => up === 1));
    // A service that starts sooner than it has reached Redis does not wait for it.
    const before = await ofEach('identity_shared_store_fallbacks_total');
    const { serials } = await certifyEverywhere(await createAccount(NAMESPACE, 'booked'));
    const entries = await ledger();
    for (const serial of serials) expect(entries).toContain(serial);
    expect(entries).toContain(`booked.${NAMESPACE}.serviceaccount.identity.linkerd.cluster.local`);
    expect(await ofEach('identity_shared_store_fallbacks_total')).toEqual(before);
  });

  it('two replicas have one limit', async () => {
    const account = await createAccount(NAMESPACE, 'hasty');
    const begun = Date.now();
    const asked = Array.from({ length: 2 * BURST }, (_, n) => clients[n % clients.length]!.certify(account));
    const answers = await Promise.allSettled(asked);
    const refilled = Math.ceil(((Date.now() - begun) / 1000) * RATE);
    const refused = answers.filter((answer) => answer.status === 'rejected');
    const issued = answers.length - refused.length;
    expect(issued).toBeGreaterThanOrEqual(BURST);
    expect(issued).toBeLessThanOrEqual(BURST + refilled);
    expect(String(refused[0]?.reason)).toMatch(/has been certified too often; try again in \d+ ms/);
  });

  it('Redis stopped and started: issuing goes on', async () => {
    const since = new Date();
    const account = await createAccount(NAMESPACE, 'steady');
    await namespace.kubectl(['scale', 'deploy', 'redis', '--replicas=0']);
    await waitFor('Redis is away', 60_000, async () => (await ofEach('redis_up')).every((up) => up === 0));
    const { ms } = await certifyEverywhere(account);
    expect(ms).toBeLessThan(PATIENCE_MS);
    for (const count of await ofEach('identity_shared_store_fallbacks_total'))
      expect(count).toBeGreaterThan(0);
    for (const pod of replicas)
      expect(await serviceLog(pod, since)).toContain('redis is away; going on without it');

    await namespace.apply(aDeployment('newcomer', IDLE, { annotations: { 'linkerd.io/inject': 'enabled' } }));
    expect(isMeshed(await namespace.pod('newcomer'))).toBe(true);

    await namespace.kubectl(['scale', 'deploy', 'redis', '--replicas=1']);
    await waitFor('Redis is back', 60_000, async () => (await ofEach('redis_up')).every((up) => up === 1));
    const { serials } = await certifyEverywhere(account);
    const entries = await ledger();
    for (const serial of serials) expect(entries).toContain(serial);
    for (const pod of replicas) expect(await serviceLog(pod, since)).toContain('shared again');
  });

  it('a Redis that does not answer: issuing goes on', async () => {
    const account = await createAccount(NAMESPACE, 'patient');
    await redisCli('CLIENT', 'PAUSE', '10000', 'ALL');
    const { ms } = await certifyEverywhere(account);
    console.log(`with a Redis that does not answer, a certificate took ${ms} ms`);
    expect(ms).toBeLessThan(PATIENCE_MS);
  });
});
