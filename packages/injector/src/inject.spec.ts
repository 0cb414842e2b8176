import { describe, expect, it } from '@jest/globals';
import { applyPatch } from './apply-patch.ts';
import { injectedPod, pod, request } from './pod.builder.ts';
import type { Workload } from './workload.ts';

const TRUST_ROOT_SHA256 = '99df2e226cb9ba82d2b319381ae7ec372fdc9752d884e76e2b9ce74065cc8ed0';

describe('the patch of a plain pod', () => {
  const { patch } = injectedPod({ owner: { kind: 'Deployment', name: 'web' } });
  const paths = patch.map(({ path }) => path);

  it('adds in this order', () => {
    expect(paths).toEqual([
      '/metadata/annotations',
      '/metadata/annotations/linkerd.io~1created-by',
      '/metadata/annotations/linkerd.io~1inject',
      '/metadata/annotations/linkerd.io~1proxy-version',
      '/metadata/annotations/linkerd.io~1trust-root-sha256',
      '/metadata/labels',
      '/metadata/labels/linkerd.io~1control-plane-ns',
      '/metadata/labels/linkerd.io~1proxy-deployment',
      '/metadata/labels/linkerd.io~1workload-ns',
      '/spec/volumes',
      '/spec/initContainers',
      '/spec/volumes/-',
      '/spec/initContainers/0',
      '/spec/volumes/-',
      '/spec/volumes/-',
      '/spec/initContainers/1',
    ]);
    expect(new Set(patch.map(({ op }) => op))).toEqual(new Set(['add']));
  });

  const valueAt = (path: string) =>
    patch.filter((operation) => operation.path === path).map(({ value }) => value);

  it('names the injector, the proxy, the trust root, the owner and the namespace', () => {
    expect(valueAt('/metadata/annotations/linkerd.io~1created-by')).toEqual(['linkerd/proxy-injector v1']);
    expect(valueAt('/metadata/annotations/linkerd.io~1inject')).toEqual(['enabled']);
    expect(valueAt('/metadata/annotations/linkerd.io~1proxy-version')).toEqual(['v1']);
    expect(valueAt('/metadata/annotations/linkerd.io~1trust-root-sha256')).toEqual([TRUST_ROOT_SHA256]);
    expect(valueAt('/metadata/labels/linkerd.io~1control-plane-ns')).toEqual(['linkerd']);
    expect(valueAt('/metadata/labels/linkerd.io~1proxy-deployment')).toEqual(['web']);
    expect(valueAt('/metadata/labels/linkerd.io~1workload-ns')).toEqual(['shop']);
  });

  it('adds the volumes of the lock, the certificate and the token', () => {
    expect(valueAt('/spec/volumes/-')).toEqual([
      { name: 'linkerd-proxy-init-xtables-lock', emptyDir: {} },
      { name: 'linkerd-identity-end-entity', emptyDir: { medium: 'Memory' } },
      {
        name: 'linkerd-identity-token',
        projected: {
          sources: [
            {
              serviceAccountToken: {
                audience: 'identity.l5d.io',
                expirationSeconds: 86400,
                path: 'linkerd-identity-token',
              },
            },
          ],
        },
      },
    ]);
  });

  it('renders linkerd-init', () => {
    expect(valueAt('/spec/initContainers/0')).toEqual([
      {
        name: 'linkerd-init',
        image: 'cr.l5d.io/linkerd/proxy:v1',
        imagePullPolicy: 'IfNotPresent',
        command: ['/usr/lib/linkerd/linkerd2-proxy-init'],
        args: [
          ...['--firewall-bin-path', 'iptables-nft', '--firewall-save-bin-path', 'iptables-nft-save'],
          '--ipv6=false',
          ...['--incoming-proxy-port', '4143', '--outgoing-proxy-port', '4140', '--proxy-uid', '2102'],
          ...['--inbound-ports-to-ignore', '4190,4191,4567,4568', '--outbound-ports-to-ignore', '4567,4568'],
        ],
        resources: null,
        securityContext: {
          allowPrivilegeEscalation: false,
          capabilities: { add: ['NET_ADMIN', 'NET_RAW'] },
          privileged: false,
          runAsGroup: 65534,
          runAsNonRoot: true,
          runAsUser: 65534,
          readOnlyRootFilesystem: true,
          seccompProfile: { type: 'RuntimeDefault' },
        },
        terminationMessagePolicy: 'FallbackToLogsOnError',
        volumeMounts: [{ name: 'linkerd-proxy-init-xtables-lock', mountPath: '/run' }],
      },
    ]);
  });

  it('renders linkerd-proxy as a native sidecar', () => {
    const [proxy] = valueAt('/spec/initContainers/1') as [Record<string, unknown>];
    const { env, ...rest } = proxy;
    expect(env).toHaveLength(54);
    expect(rest).toEqual({
      name: 'linkerd-proxy',
      image: 'cr.l5d.io/linkerd/proxy:v1',
      imagePullPolicy: 'IfNotPresent',
      ports: [
        { containerPort: 4143, name: 'linkerd-proxy' },
        { containerPort: 4191, name: 'linkerd-admin' },
      ],
      livenessProbe: { httpGet: { path: '/live', port: 4191 }, initialDelaySeconds: 10, timeoutSeconds: 1 },
      readinessProbe: { httpGet: { path: '/ready', port: 4191 }, initialDelaySeconds: 2, timeoutSeconds: 1 },
      startupProbe: {
        httpGet: { path: '/ready', port: 4191 },
        initialDelaySeconds: 0,
        periodSeconds: 1,
        failureThreshold: 120,
      },
      restartPolicy: 'Always',
      resources: null,
      securityContext: {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        runAsNonRoot: true,
        runAsUser: 2102,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      terminationMessagePolicy: 'FallbackToLogsOnError',
      volumeMounts: [
        { name: 'linkerd-identity-end-entity', mountPath: '/var/run/linkerd/identity/end-entity' },
        { name: 'linkerd-identity-token', mountPath: '/var/run/secrets/tokens' },
      ],
    });
  });

  it('is the same for the same input', () => {
    expect(request()).toEqual(request());
  });
});

describe('where the sidecar goes', () => {
  const busy = pod({
    annotations: { a: 'b' },
    labels: { c: 'd' },
    spec: { initContainers: [{ name: 'migrate' }], volumes: [{ name: 'data' }] },
  });
  const order = (parts: Parameters<typeof injectedPod>[0]) => {
    const { object } = injectedPod({ workload: busy, ...parts });
    return {
      init: object.spec.initContainers.map(({ name }) => name),
      app: object.spec.containers.map(({ name }) => name),
    };
  };

  it('leaves the mappings and lists that the pod has', () => {
    const { patch, object } = injectedPod({ workload: busy });
    expect(
      patch
        .map(({ value }) => value)
        .filter((value) => JSON.stringify(value) === '{}' || JSON.stringify(value) === '[]'),
    ).toEqual([]);
    expect(object.metadata).toMatchObject({ annotations: { a: 'b' }, labels: { c: 'd' } });
    expect(object.spec.volumes[0]).toEqual({ name: 'data' });
  });

  it('native: before every init container of the pod', () => {
    expect(order({})).toEqual({ init: ['linkerd-init', 'linkerd-proxy', 'migrate'], app: ['app'] });
  });

  it('awaited: the redirection after the init containers, the proxy before the application', () => {
    expect(order({ values: { proxy: { nativeSidecar: false } } })).toEqual({
      init: ['migrate', 'linkerd-init'],
      app: ['linkerd-proxy', 'app'],
    });
  });

  it('not awaited: the proxy last', () => {
    const values = { proxy: { nativeSidecar: false, await: false } };
    expect(order({ values })).toEqual({ init: ['migrate', 'linkerd-init'], app: ['app', 'linkerd-proxy'] });
  });

  it.each([
    [true, ['app', 'linkerd-debug']],
    [false, ['linkerd-proxy', 'app', 'linkerd-debug']],
  ])('the debug container follows the application (native: %p)', (nativeSidecar, app) => {
    const namespace = { 'config.linkerd.io/enable-debug-sidecar': 'true' };
    expect(order({ namespace, values: { proxy: { nativeSidecar } } }).app).toEqual(app);
  });

  it('with a CNI plugin: the validator instead of the redirection, and no lock', () => {
    const { object, patch } = injectedPod({ values: { cniEnabled: true } });
    expect(object.spec.initContainers.map(({ name }) => name)).toEqual([
      'linkerd-network-validator',
      'linkerd-proxy',
    ]);
    expect(patch.map(({ value }) => (value as { name?: string }).name)).not.toContain(
      'linkerd-proxy-init-xtables-lock',
    );
  });
});

describe('templates of other kinds', () => {
  const template = { metadata: { labels: { app: 'x' } }, spec: { containers: [{ name: 'app' }] } };
  const patchOf = (workload: Workload, origin: 'webhook' | 'cli-manual' = 'cli-manual') => {
    const result = request({ workload, origin });
    if (result.kind !== 'injected') throw new Error(result.kind);
    return result.patch;
  };
  const labels = (workload: Workload, origin?: 'webhook' | 'cli-manual') =>
    patchOf(workload, origin).flatMap(({ path, value }) =>
      path.includes('labels/linkerd.io~1proxy-') ? [`${path} ${value}`] : [],
    );

  it.each([
    ['Deployment', 'deployment'],
    ['ReplicaSet', 'replicaset'],
    ['ReplicationController', 'replicationcontroller'],
    ['DaemonSet', 'daemonset'],
    ['StatefulSet', 'statefulset'],
    ['Job', 'job'],
    ['dEPLOYMENT', 'deployment'],
  ])('%s: patched below its template and labelled by its name', (kind, label) => {
    const workload = { kind, metadata: { name: 'w' }, spec: { template } };
    expect(patchOf(workload).every(({ path }) => path.startsWith('/spec/template/'))).toBe(true);
    expect(labels(workload)).toEqual([`/spec/template/metadata/labels/linkerd.io~1proxy-${label} w`]);
    const injected = applyPatch(workload, patchOf(workload));
    expect(injected.spec.template.metadata.labels).toMatchObject({
      app: 'x',
      [`linkerd.io/proxy-${label}`]: 'w',
    });
    expect(workload.spec.template).toBe(template);
  });

  const cronJob = (of: object) => ({
    kind: 'CronJob',
    metadata: { name: 'c' },
    spec: { jobTemplate: { spec: { template: of } } },
  });

  it('CronJob: patched below its job template, its metadata made where there is none', () => {
    const workload = cronJob({ spec: template.spec });
    const patch = patchOf(workload);
    expect(patch[0]).toEqual({ op: 'add', path: '/spec/jobTemplate/spec/template/metadata', value: {} });
    const injected = applyPatch(workload, patch) as unknown as ReturnType<typeof cronJob>;
    expect(injected.spec.jobTemplate.spec.template).toMatchObject({
      metadata: { labels: { 'linkerd.io/proxy-cronjob': 'c' } },
    });
    expect(labels(workload, 'cli-manual')).toHaveLength(1);
    expect(labels(workload, 'webhook')).toHaveLength(0);
  });

  it.each([
    [undefined, []],
    [{ kind: 'CronJob', name: 'c' }, []],
    [{ kind: 'Pod', name: 'web-1' }, []],
    [{ kind: 'statefulset', name: 's' }, ['s']],
    [{ kind: 'Rollout', name: 'r' }, []],
  ])('a pod is labelled by its owner %p', (owner, names) => {
    const { object } = injectedPod({ owner });
    const found = Object.entries(object.metadata.labels).filter(([key]) =>
      key.startsWith('linkerd.io/proxy-'),
    );
    expect(found.map(([, name]) => name)).toEqual(names);
  });

  it.each([
    [{ kind: 'ConfigMap', metadata: { name: 'x' } }],
    [{ kind: 'Namespace', metadata: { name: 'x' } }],
    [{ kind: 'Deployment', metadata: { name: 'x' }, spec: {} }],
    [{ kind: 'Pod' }],
    [{ kind: 'CronJob', spec: null }],
    [{}],
  ])('%p is not for injection', (workload) => {
    expect(request({ workload })).toMatchObject({
      kind: 'skipped',
      reasons: [{ code: 'unsupported_resource', text: 'this resource kind is unsupported' }],
    });
  });
});

describe('by hand', () => {
  it('signs as the command line, looks at no namespace annotation and writes none', () => {
    const namespace = { 'config.linkerd.io/proxy-cpu-request': '2', 'config.linkerd.io/opaque-ports': '7' };
    const workload = pod({ container: { ports: [{ containerPort: 25 }] } });
    const { object, env } = injectedPod({ workload, namespace, origin: 'cli-manual' });
    expect(Object.keys(object.metadata.annotations).sort()).toEqual([
      'linkerd.io/created-by',
      'linkerd.io/proxy-version',
      'linkerd.io/trust-root-sha256',
    ]);
    expect(object.metadata.annotations['linkerd.io/created-by']).toBe('linkerd/cli v1');
    expect(env('CORES')).toBe('1');
    expect(env('INBOUND_PORTS_DISABLE_PROTOCOL_DETECTION')).toBe('25,587,3306,4444,5432,6379,9300,11211');
  });
});

describe('hostile names', () => {
  const hostile = JSON.parse('{"__proto__":"x","constructor":"y","a/b~c":"z"}') as Record<string, string>;

  it('in annotations and labels are data and stay where they are', () => {
    const workload = pod({ annotations: hostile, labels: hostile });
    const { object } = injectedPod({ workload, namespace: hostile });
    expect(Object.entries(object.metadata.annotations)).toEqual(
      expect.arrayContaining(Object.entries(hostile)),
    );
    expect(({} as { x?: string }).x).toBeUndefined();
  });

  it('of an owner are escaped nowhere but in the pointer', () => {
    const name = 'a"b\\c/d~e';
    expect(injectedPod({ owner: { kind: 'Job', name } }).object.metadata.labels['linkerd.io/proxy-job']).toBe(
      name,
    );
  });

  it('in inherited values survive as they are written', () => {
    const text = '[{"name":"A","value":"say \\"hi\\" <b>&"}]';
    const { object, env, proxy } = injectedPod({
      namespace: { 'config.linkerd.io/proxy-additional-env': text },
    });
    expect(object.metadata.annotations['config.linkerd.io/proxy-additional-env']).toBe(text);
    expect(proxy.env?.at(-1)).toEqual({ name: 'A', value: 'say "hi" <b>&' });
    expect(env('A')).toBeUndefined();
  });
});
