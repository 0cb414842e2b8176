import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Manifest } from '../harness/folder.ts';
import { sumOf } from '../harness/metrics.ts';
import { pause, waitFor } from '../harness/wait-for.ts';
import { freezeApiServer, killApiServer } from './harness/api-server-outage.ts';
import { weftCheck } from './harness/check-report.ts';
import { ClusterLoad } from './harness/cluster-load.ts';
import { scaleControlPlane, serviceMetrics, servingPods } from './harness/control-plane.ts';
import { happened } from './harness/events.ts';
import { insideDeployment } from './harness/inside-deployment.ts';
import { installed } from './harness/installation.ts';
import { get, kubectl, list } from './harness/kubectl.ts';
import { aDeployment, aService, serverOn } from './harness/manifests.ts';
import { openShop } from './harness/shop.ts';
import { cutConnections } from './harness/stalled-connections.ts';
import { isMeshed, type Pod, TestNamespace } from './harness/test-namespace.ts';
import { Visitor } from './harness/visitor.ts';

const PORT = 8080;
const OUTAGE_MS = 60_000;

/** How soon after the API server is back proxies must know what has changed, in ms. */
const KNOWN_WITHIN_MS = 5000;

/** A watch that says nothing is renewed after this long, in ms. */
const SILENCE_MS = 75_000;

/** Longer than a proxy remembers a destination that nobody asks for. */
const FORGOTTEN_AFTER_MS = 7000;

interface Endpoint {
  readonly conditions: { readonly ready: boolean };
  readonly targetRef: { readonly name: string };
}

const AGE = 'kubernetes_index_age_seconds';

describe('outages', () => {
  let namespace: TestNamespace;

  beforeAll(async () => {
    await installed();
    namespace = await TestNamespace.create('outages', 'enabled');
  });
  afterAll(() => namespace?.delete());

  describe('of the API server', () => {
    let shop: TestNamespace;
    let load: ClusterLoad;
    let frequent: Visitor;
    let rare: Visitor;
    let chosen: Pod;
    let other: Pod;

    beforeAll(async () => {
      shop = await openShop();
      await namespace.apply(
        aDeployment('echo', serverOn(PORT), {
          container: { readinessProbe: { tcpSocket: { port: PORT }, periodSeconds: 1 } },
        }),
        aService('echo', [{ name: 'http', port: 80, targetPort: PORT }]),
        aDeployment('picked', serverOn(PORT), { replicas: 2 }),
        aService('picked', [{ name: 'http', port: 80, targetPort: PORT }], { selector: null }),
      );
      await namespace.ready();
      [chosen, other] = (await namespace.pods('picked')) as [Pod, Pod];
      await pick(chosen);
      // By address: names are resolved by a pod of the cluster, which Kubernetes takes for lost for some seconds.
      const known = await Promise.all([
        addressOf('outages', 'echo'),
        addressOf('outages', 'picked'),
        addressOf('shop', 'web'),
      ]);
      [frequent, rare] = await Promise.all([
        Visitor.start(namespace, 'frequent', 250, ...known),
        Visitor.start(namespace, 'rare', FORGOTTEN_AFTER_MS, ...known),
      ]);
      const [destination] = (await servingPods('destination')) as [Pod];
      const page = `http://${destination.status.podIP}:9996/metrics`;
      await namespace.apply(
        insideDeployment('sampler', 'sampler.mjs', ['1000', page, AGE], {
          annotations: { 'linkerd.io/inject': 'disabled' },
        }),
      );
      await namespace.ready();
    });
    beforeEach(async () => {
      load = await ClusterLoad.begin(shop);
    });

    async function addressOf(where: string, service: string): Promise<string> {
      const { spec } = await get<{ spec: { clusterIP: string } }>('service', service, '-n', where);
      return `http://${spec.clusterIP}/`;
    }

    /** Makes a pod the only endpoint of the service that no selector has endpoints for. */
    async function pick({ metadata, status }: Pod): Promise<void> {
      await namespace.apply({
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: { name: 'picked', labels: { 'kubernetes.io/service-name': 'picked' } },
        addressType: 'IPv4',
        ports: [{ name: 'http', port: PORT, protocol: 'TCP' }],
        endpoints: [
          {
            addresses: [status.podIP],
            conditions: { ready: true },
            targetRef: { kind: 'Pod', name: metadata.name, namespace: metadata.namespace },
          },
        ],
      } as Manifest);
    }

    /** The pods that Kubernetes lists as ready endpoints of a service. */
    async function endpointsOf(service: string): Promise<readonly string[]> {
      const label = `kubernetes.io/service-name=${service}`;
      const slices = await list<{ endpoints: readonly Endpoint[] | null }>(
        'endpointslice',
        '-n',
        'outages',
        '-l',
        label,
      );
      const endpoints = slices.flatMap((slice) => slice.endpoints ?? []);
      return endpoints.filter(({ conditions }) => conditions.ready).map(({ targetRef }) => targetRef.name);
    }

    /** How many endpoints of echo the proxy of the frequent visitor has. */
    async function echosKnown(): Promise<number> {
      const { metadata } = await namespace.pod('frequent');
      const page = await namespace.metrics(metadata.name, 'frequent');
      return sumOf(page, 'outbound_http_balancer_p2c_endpoints', { backend_name: 'echo' });
    }

    /** The ages of the index of EndpointSlices since a moment, in seconds. */
    async function ages(since: number): Promise<readonly { readonly at: number; readonly age: number }[]> {
      const { metadata } = await namespace.pod('sampler');
      const lines = (await namespace.logs(metadata.name, 'sampler'))
        .split('\n')
        .filter((line) => line !== '');
      return lines
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line) as { at: number; page: string })
        .filter(({ at }) => at >= since)
        .map(({ at, page }) => ({ at, age: sumOf(page, AGE, { kind: 'EndpointSlice' }) }));
    }

    async function failures(since: number): Promise<readonly unknown[]> {
      const { failed, errors } = await load.soFar();
      return [
        ...(failed === 0 ? [] : [failed, ...errors]),
        ...(await frequent.failures(since)),
        ...(await rare.failures(since)),
      ];
    }

    it.each([
      ['is killed and comes back after 60 s', killApiServer],
      ['stands still for 60 s', freezeApiServer],
    ])('when it %s, traffic goes on, and a change is known within 5 s of its return', async (_, begin) => {
      const begun = Date.now();
      const end = await begin();
      const settled = await pause(OUTAGE_MS).then(end);
      const back = Date.now();
      await pick(other);
      const changedAfter = (await frequent.heardFrom(other.metadata.name, back, 20_000)) - back;
      await settled();
      [chosen, other] = [other, chosen];

      // Kubernetes takes its time to start a pod and to list it: what counts is how soon proxies know after that.
      const echos = await echosKnown();
      const olds = (await namespace.pods('echo')).map(({ metadata }) => metadata.name);
      await namespace.kubectl(['scale', 'deploy', 'echo', `--replicas=${olds.length + 1}`]);
      const fresh = await waitFor('one more endpoint of echo', 180_000, async () =>
        (await endpointsOf('echo')).find((pod) => !olds.includes(pod)),
      );
      const listed = Date.now();
      // Not by its answers: a balancer takes its time to try an endpoint beside others that are quick.
      await waitFor(`proxies know ${fresh}`, 20_000, async () => (await echosKnown()) > echos);
      const scaledAfter = Date.now() - listed;

      const during = (await frequent.visits(begun)).filter(({ at }) => at < back);
      const { sent } = await load.soFar();
      console.log(
        `${sent} requests and ${during.length} visits by new connections in ${Math.round((back - begun) / 1000)} s; ` +
          `a slice changed at the return was felt after ${changedAfter} ms, a new endpoint ${scaledAfter} ms after it was listed`,
      );
      expect(await failures(begun)).toEqual([]);
      expect(during.length).toBeGreaterThan(500);
      expect(changedAfter).toBeLessThan(KNOWN_WITHIN_MS);
      expect(scaledAfter).toBeLessThan(KNOWN_WITHIN_MS);

      const seen = await ages(begun);
      const oldest = Math.max(...seen.filter(({ at }) => at < back).map(({ age }) => age));
      expect(oldest).toBeGreaterThan(OUTAGE_MS / 1000 - 5);
      expect(seen.at(-1)!.age).toBeLessThan(30);
    });

    it('a watch whose connection hangs is noticed and renewed, and what it missed is made up for', async () => {
      const begun = Date.now();
      const [destination] = (await servingPods('destination')) as [Pod];
      // Either end may be the first to notice: keep-alive finds a dead connection, or the watch is silent too long.
      const restarts = async () => {
        const page = await serviceMetrics('destination', destination);
        const because = (reason: string) =>
          sumOf(page, 'kubernetes_watch_restarts_total', { kind: 'EndpointSlice', reason });
        return because('silent') + because('failed');
      };
      const before = await restarts();
      const mend = await cutConnections(destination.status.podIP!, 6443);
      try {
        await pick(other);
        const changed = Date.now();
        const feltAfter =
          (await frequent.heardFrom(other.metadata.name, changed, SILENCE_MS + 15_000)) - changed;
        console.log(`felt ${feltAfter} ms after the change`);
        // Otherwise nothing was cut.
        expect(feltAfter).toBeGreaterThan(5000);
      } finally {
        await mend();
      }
      [chosen, other] = [other, chosen];
      expect(await restarts()).toBeGreaterThan(before);
      expect(await failures(begun)).toEqual([]);
    });
  });

  describe('of the webhook', () => {
    const WEBHOOK = 'linkerd-proxy-injector-webhook-config';

    afterAll(async () => {
      await setFailurePolicy('Ignore');
      await scaleControlPlane('proxy-injector', 1);
    });

    async function setFailurePolicy(policy: 'Ignore' | 'Fail'): Promise<void> {
      const patch = [{ op: 'replace', path: '/webhooks/0/failurePolicy', value: policy }];
      await kubectl([
        'patch',
        'mutatingwebhookconfiguration',
        WEBHOOK,
        '--type=json',
        '-p',
        JSON.stringify(patch),
      ]);
    }

    it('with failurePolicy Ignore pods start without a proxy, and weft check lists them', async () => {
      await scaleControlPlane('proxy-injector', 0);
      await namespace.apply(aDeployment('ignored', serverOn(PORT)));
      const pod = await namespace.pod('ignored');
      expect(isMeshed(pod)).toBe(false);
      await scaleControlPlane('proxy-injector', 1);

      const { problems } = await weftCheck('--proxy');
      const finding = problems.find(
        ({ description }) => description === 'pods that ask for injection have a proxy',
      );
      expect(finding?.error).toContain(`outages/${pod.metadata.name}`);

      await namespace.kubectl(['rollout', 'restart', 'deploy/ignored']);
      await namespace.ready();
      await waitFor('the pod without a proxy is gone', 30_000, async () =>
        (await namespace.pods('ignored')).every(isMeshed),
      );
    });

    it('with failurePolicy Fail they wait, and then start injected', async () => {
      await setFailurePolicy('Fail');
      await scaleControlPlane('proxy-injector', 0);
      const since = new Date();
      await namespace.apply(aDeployment('waiting', serverOn(PORT)));
      await happened('outages', 'FailedCreate', /failed calling webhook "linkerd-proxy-injector/, since);
      await pause(3000);
      expect(await namespace.pods('waiting')).toEqual([]);

      await scaleControlPlane('proxy-injector', 1);
      expect(isMeshed(await namespace.pod('waiting'))).toBe(true);
      const { status } = await get<{ status: { readyReplicas: number } }>(
        'deploy',
        'waiting',
        '-n',
        'outages',
      );
      expect(status.readyReplicas).toBe(1);
    });
  });
});
