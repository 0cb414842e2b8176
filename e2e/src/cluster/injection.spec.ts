import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Manifest } from '../harness/folder.ts';
import { sumOf } from '../harness/metrics.ts';
import { pause, waitFor } from '../harness/wait-for.ts';
import { installed } from './harness/installation.ts';
import { aJob } from './harness/job.ts';
import { get, kubectl, list, toYaml, tryKubectl } from './harness/kubectl.ts';
import { aDeployment, aService, IDLE } from './harness/manifests.ts';
import { isMeshed, type Pod, TestNamespace } from './harness/test-namespace.ts';

const ENABLED = { 'linkerd.io/inject': 'enabled' };
const DISABLED = { 'linkerd.io/inject': 'disabled' };
const NOBODY_ASKED = 'neither the namespace nor the pod have the annotation "linkerd.io/inject:enabled"';

/** Workloads that stay without a proxy: where, and what the event and the metric say about why. */
const SKIPPED = [
  {
    manifest: aDeployment('host-network', IDLE, { annotations: ENABLED, spec: { hostNetwork: true } }),
    code: 'host_network_enabled',
    text: 'hostNetwork is enabled',
  },
  {
    manifest: aDeployment('istio', IDLE, { annotations: ENABLED, container: { name: 'istio-proxy' } }),
    code: 'sidecar_already_exists',
    text: 'pod has a sidecar injected already',
  },
  {
    manifest: aDeployment('not-asked', IDLE),
    code: 'injection_enable_annotation_absent',
    text: NOBODY_ASKED,
  },
  {
    manifest: aDeployment('disabled-anyway', IDLE, { annotations: DISABLED }),
    code: 'injection_enable_annotation_absent',
    text: NOBODY_ASKED,
  },
  {
    manifest: aDeployment('on', IDLE, { annotations: { 'linkerd.io/inject': 'on' } }),
    code: 'invalid_inject_annotation_at_workload',
    text: 'invalid value "on" for annotation "linkerd.io/inject" at workload',
  },
] as const;

describe('the injector on a Kubernetes', () => {
  /** Has not opted in. */
  let plain: TestNamespace;
  let mesh: TestNamespace;

  beforeAll(async () => {
    await installed();
    [plain, mesh] = await Promise.all([
      TestNamespace.create('injection-plain'),
      TestNamespace.create('injection-mesh', 'enabled'),
    ]);
    await plain.apply(...SKIPPED.map(({ manifest }) => manifest));
    await mesh.apply(aDeployment('refusing', IDLE, { annotations: DISABLED }), ...owners());
  });
  afterAll(() => Promise.all([plain?.delete(), mesh?.delete()]));

  /** A pod of a workload, as soon as there is one. */
  function podOf(namespace: TestNamespace, workload: string): Promise<Pod> {
    return waitFor(`a pod of ${workload} exists`, 75_000, async () => {
      const [pod] = await namespace.pods(workload);
      if (pod === undefined) await pause(500);
      return pod;
    });
  }

  /** The event of a reason beside a workload. */
  function eventOf(namespace: TestNamespace, workload: string, reason: string): Promise<string> {
    return waitFor(`the event ${reason} of ${workload}`, 20_000, async () => {
      const about = `involvedObject.name=${workload},reason=${reason},source=linkerd-proxy-injector`;
      const [event] = await list<{ message: string; type: string }>(
        ...['events', '-n', namespace.name, '--field-selector', about],
      );
      if (event === undefined) await pause(500);
      return event && `${event.type}: ${event.message}`;
    });
  }

  /** A metric of the injector, summed over its replicas. */
  async function counted(name: string, labels: Readonly<Record<string, string>>): Promise<number> {
    const component = 'linkerd.io/control-plane-component=proxy-injector';
    const pods = await list<Pod>('pods', '-n', 'linkerd', '-l', component);
    const pages = await Promise.all(
      pods.map(({ metadata }) =>
        kubectl(['get', '--raw', `/api/v1/namespaces/linkerd/pods/${metadata.name}:9995/proxy/metrics`]),
      ),
    );
    return pages.reduce((sum, page) => sum + sumOf(page, name, labels), 0);
  }

  it.each(SKIPPED.map(({ manifest, code, text }) => [manifest.metadata.name, code, text]))(
    'leaves %s alone: %s',
    async (workload, code, text) => {
      expect((await podOf(plain, workload)).metadata.labels).not.toHaveProperty([
        'linkerd.io/control-plane-ns',
      ]);
      expect(isMeshed(await podOf(plain, workload))).toBe(false);
      const event = await eventOf(plain, workload, 'InjectionSkipped');
      expect(event).toBe(`Normal: Linkerd sidecar proxy injection skipped: ${text}`);
      const labels = { namespace: plain.name, owner_kind: 'deployment', skip: 'true', skip_reason: code };
      expect(await counted('proxy_inject_admission_responses_total', labels)).toBeGreaterThan(0);
    },
  );

  it('leaves a pod alone that says no where its namespace says yes', async () => {
    expect(isMeshed(await podOf(mesh, 'refusing'))).toBe(false);
    expect(await eventOf(mesh, 'refusing', 'InjectionSkipped')).toBe(
      'Normal: Linkerd sidecar proxy injection skipped: pod has the annotation "linkerd.io/inject:disabled"',
    );
    const labels = { namespace: mesh.name, skip_reason: 'injection_disable_annotation_present' };
    expect(await counted('proxy_inject_admission_responses_total', labels)).toBeGreaterThan(0);
  });

  it('warns of misspelt annotations with the nearest real name, on screen or by an event', async () => {
    const annotations = {
      'config.linkerd.io/skip-outbund-ports': '8080',
      'linkerd.io/injct': 'enabled',
      'config.linkerd.io/no-such-thing-at-all': '1',
    };
    const warnings = [
      'annotation "config.linkerd.io/no-such-thing-at-all" of the pod is not known and has no effect',
      'annotation "config.linkerd.io/skip-outbund-ports" of the pod is not known and has no effect; did you mean "config.linkerd.io/skip-outbound-ports"?',
      'annotation "linkerd.io/injct" of the pod is not known and has no effect; did you mean "linkerd.io/inject"?',
    ];
    const { status, stderr } = await create(mesh, aPod('misspelt', annotations));
    expect(status).toBe(0);
    expect(stderr).toBe(warnings.map((warning) => `Warning: ${warning}\n`).join(''));

    await mesh.apply(aDeployment('misspelt', IDLE, { annotations }));
    expect(await eventOf(mesh, 'misspelt', 'InjectionWarning')).toBe(`Warning: ${warnings.join('; ')}`);
  });

  it('injects without an annotation that means nothing, and says so', async () => {
    const annotations = { 'config.linkerd.io/proxy-cpu-request': 'lots' };
    const { status, stdout, stderr } = await create(mesh, aPod('broken', annotations));
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr:
        'Warning: annotation "config.linkerd.io/proxy-cpu-request" of the pod: "lots" is not a Kubernetes quantity such as 100m, 0.5 or 64Mi; ignored\n',
    });
    expect(isMeshed(JSON.parse(stdout) as Pod)).toBe(true);
    expect(stdout).not.toContain('"cpu": "lots"');
  });

  it('refuses a pod that cannot be configured as it asks, on screen and by an event', async () => {
    const annotations = { 'config.linkerd.io/proxy-log-http-headers': 'yes' };
    const refusal =
      'admission webhook "linkerd-proxy-injector.linkerd.io" denied the request: config.linkerd.io/proxy-log-http-headers (proxy.logHTTPHeaders) is "yes"; it must be "off" or "insecure"';
    const { status, stderr } = await create(mesh, aPod('denied', annotations));
    expect([status, stderr]).toEqual([1, expect.stringContaining(refusal)]);

    await mesh.apply(aDeployment('denied', IDLE, { annotations }));
    const condition = await waitFor('the Deployment says why', 20_000, async () => {
      await pause(500);
      const { status } = await get<{ status: { conditions?: { type: string; message: string }[] } }>(
        ...['deploy', 'denied', '-n', mesh.name],
      );
      return status.conditions?.find(({ type }) => type === 'ReplicaFailure');
    });
    expect(condition.message).toContain(refusal);
  });

  it('refuses nobody for an annotation of the namespace that means nothing', async () => {
    await plain.kubectl(['annotate', 'namespace', plain.name, 'linkerd.io/inject=perhaps']);
    const text = 'invalid value "perhaps" for annotation "linkerd.io/inject" at namespace';
    await waitFor('the injector knows', 10_000, async () => {
      await pause(500);
      const { status, stdout } = await create(plain, aPod('anybody', ENABLED));
      return status === 0 && !isMeshed(JSON.parse(stdout) as Pod);
    });
    await plain.kubectl(['rollout', 'restart', 'deploy/not-asked']);
    await waitFor('an event says so', 20_000, async () => {
      await pause(500);
      const events = await list<{ message: string }>('events', '-n', plain.name);
      return events.some(({ message }) => message.endsWith(`skipped: ${text}`));
    });
    const labels = { namespace: plain.name, skip_reason: 'invalid_inject_annotation_at_ns' };
    expect(await counted('proxy_inject_admission_responses_total', labels)).toBeGreaterThan(0);
  });

  it('writes the opaque ports of Services down, the default ones and those of the namespace', async () => {
    const opaquePorts = async (namespace: TestNamespace, name: string) =>
      (await get<Pod>('service', name, '-n', namespace.name)).metadata.annotations?.[
        'config.linkerd.io/opaque-ports'
      ];
    await mesh.apply(aService('db', [{ port: 3306 }]), aService('web', [{ port: 80 }]));
    expect(await opaquePorts(mesh, 'db')).toBe('3306');
    expect(await opaquePorts(mesh, 'web')).toBeUndefined();
    await mesh.kubectl(['annotate', 'namespace', mesh.name, 'config.linkerd.io/opaque-ports=80,7000-8000']);
    await waitFor('the injector knows', 10_000, async () => {
      await mesh.kubectl(['delete', 'service', 'web']);
      await mesh.apply(aService('web', [{ port: 80 }]));
      return (await opaquePorts(mesh, 'web')) === '80,7000-8000';
    });
  });

  it('names the owner on what it injects, and tells beside the owner', async () => {
    for (const [kind, name] of LABELLED) {
      const { metadata } = await podOf(mesh, name);
      expect(ownersIn(metadata.labels)).toEqual({ [`linkerd.io/proxy-${kind}`]: name });
      expect(metadata.labels).toMatchObject({
        'linkerd.io/control-plane-ns': 'linkerd',
        'linkerd.io/workload-ns': mesh.name,
      });
    }
    // Linkerd has no label for these.
    for (const name of ['a-cron-job', 'a-pod'])
      expect(ownersIn((await podOf(mesh, name)).metadata.labels)).toEqual({});
    for (const name of [...LABELLED.map(([, name]) => name), 'a-cron-job'])
      expect(await eventOf(mesh, name, 'Injected')).toBe('Normal: Linkerd sidecar proxy injected');
    for (const kind of ['deployment', 'statefulset', 'daemonset', 'replicaset', 'job', 'cronjob', 'pod']) {
      const labels = { namespace: mesh.name, owner_kind: kind, skip: 'false', annotation_at: 'namespace' };
      const responses = await counted('proxy_inject_admission_responses_total', labels);
      expect([kind, responses > 0]).toEqual([kind, true]);
    }
  });

  /** Would create an object; answers with what the API server would make of it. */
  function create({ name: namespace }: TestNamespace, manifest: Manifest) {
    return tryKubectl(
      ['create', '-n', namespace, '--dry-run=server', '-o', 'json', '-f', '-'],
      toYaml([manifest]),
    );
  }
});

const LABELLED = [
  ['deployment', 'a-deployment'],
  ['replicaset', 'a-replica-set'],
  ['statefulset', 'a-stateful-set'],
  ['daemonset', 'a-daemon-set'],
  ['job', 'a-job'],
] as const;

/** One of each kind that makes pods, and a pod that nobody owns. */
function owners(): readonly Manifest[] {
  const like = (kind: string, name: string, more: object = {}): Manifest => {
    const { spec, ...rest } = aDeployment(name, IDLE);
    const { replicas: _, ...daemon } = spec;
    return { ...rest, kind, spec: { ...(kind === 'DaemonSet' ? daemon : spec), ...more } };
  };
  return [
    aDeployment('a-deployment', IDLE),
    like('ReplicaSet', 'a-replica-set'),
    like('StatefulSet', 'a-stateful-set', { serviceName: 'a-stateful-set' }),
    like('DaemonSet', 'a-daemon-set'),
    aJob('a-job', 'true'),
    {
      ...{ apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 'a-cron-job' } },
      spec: { schedule: '* * * * *', jobTemplate: { spec: aJob('a-cron-job', 'true').spec } },
    },
    aPod('a-pod', {}),
  ];
}

function aPod(name: string, annotations: object): Manifest {
  const { metadata, spec } = aDeployment(name, IDLE).spec.template;
  return { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, name, annotations }, spec };
}

function ownersIn(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(labels).filter(([key]) => key.startsWith('linkerd.io/proxy-')));
}
