import { describe, expect, it } from '@jest/globals';
import { injectedPod, pod } from '../pod.builder.ts';
import { ANNOTATIONS } from './table.ts';

const C = 'config.linkerd.io';
type Rendered = ReturnType<typeof injectedPod>;

const env = (name: string) => (pod: Rendered) => pod.env(name);
const arg =
  (flag: string) =>
  ({ init }: Rendered) => {
    const index = init?.args?.indexOf(`--${flag}`) ?? -1;
    return index < 0 ? undefined : init?.args?.[index + 1];
  };
const images = (pod: Rendered) => [pod.init?.image, pod.proxy.image];
const policies = (pod: Rendered) => [pod.init?.imagePullPolicy, pod.proxy.imagePullPolicy];
const resource = (side: 'limits' | 'requests', name: string) => (pod: Rendered) =>
  [pod.init, pod.proxy].map((container) => {
    const all = container?.resources as Record<string, Record<string, string>> | null | undefined;
    return all?.[side]?.[name];
  });
const both =
  (...reads: ((pod: Rendered) => unknown)[]) =>
  (pod: Rendered) =>
    reads.map((read) => read(pod));
const user =
  (field: string) =>
  ({ proxy }: Rendered) =>
    (proxy.securityContext as unknown as Record<string, unknown>)[field];
const debug = (field: string) => (pod: Rendered) =>
  (pod.named('linkerd-debug') as unknown as Record<string, unknown> | undefined)?.[field];
const sidecar = ({ object }: Rendered) =>
  object.spec.containers.map(({ name }) => name).includes('linkerd-proxy') ? 'app' : 'native';

/** Key, scope, text, what to look at, what it then is, texts that are refused with a warning. */
type Case = [
  key: string,
  scope: 'Y' | 'N',
  text: string,
  read: (pod: Rendered) => unknown,
  expected: unknown,
  bad: string[],
];

const DURATION = ['1', '1d', '5 s', '', 'x', '-5s'];
const BOOLEAN = ['yes', '', 'tRUE', 'enabled'];
const QUANTITY = ['', 'lots', '1 Gi', '1KB', '1e'];
const ENABLED = ['true', '', 'Enabled'];
const INT = ['', 'x', '1.5', '1e3', '0x10', '9999999999999999999999'];

const CASES: Case[] = [
  [`${C}/proxy-image`, 'Y', 'reg.test/p', images, ['reg.test/p:v1', 'reg.test/p:v1'], []],
  [`${C}/proxy-version`, 'Y', 'v9', images, ['cr.l5d.io/linkerd/proxy:v9', 'cr.l5d.io/linkerd/proxy:v9'], []],
  [`${C}/image-pull-policy`, 'Y', 'Always', policies, ['Always', 'Always'], []],
  [
    `${C}/control-port`,
    'Y',
    '5190',
    both(env('CONTROL_LISTEN_ADDR'), arg('inbound-ports-to-ignore')),
    ['0.0.0.0:5190', '5190,4191,4567,4568'],
    INT,
  ],
  [
    `${C}/admin-port`,
    'Y',
    '+5191',
    both(env('ADMIN_LISTEN_ADDR'), arg('inbound-ports-to-ignore')),
    ['0.0.0.0:5191', '4190,5191,4567,4568'],
    [...INT, '2147483648'],
  ],
  [
    `${C}/inbound-port`,
    'Y',
    '5143',
    both(env('INBOUND_LISTEN_ADDR'), arg('incoming-proxy-port')),
    ['0.0.0.0:5143', '5143'],
    INT,
  ],
  [
    `${C}/outbound-port`,
    'Y',
    '5140',
    both(env('OUTBOUND_LISTEN_ADDR'), env('OUTBOUND_LISTEN_ADDRS'), arg('outgoing-proxy-port')),
    ['127.0.0.1:5140', '127.0.0.1:5140', '5140'],
    INT,
  ],
  [`${C}/pod-inbound-ports`, 'Y', '7000,web', env('INBOUND_PORTS'), '7000,8080', ['x']],
  [`${C}/skip-inbound-ports`, 'Y', '22,80-90', arg('inbound-ports-to-ignore'), '4190,4191,22,80-90', []],
  [`${C}/skip-inbound-ports`, 'Y', '', arg('inbound-ports-to-ignore'), '4190,4191', []],
  [`${C}/skip-outbound-ports`, 'Y', '22', arg('outbound-ports-to-ignore'), '22', []],
  [`${C}/skip-outbound-ports`, 'Y', '', arg('outbound-ports-to-ignore'), undefined, []],
  [`${C}/skip-subnets`, 'Y', '10.0.0.0/8', arg('subnets-to-ignore'), '10.0.0.0/8', []],
  [
    `${C}/opaque-ports`,
    'Y',
    ' 99, web ,5-7,99,',
    env('INBOUND_PORTS_DISABLE_PROTOCOL_DETECTION'),
    '99,8080,5-7,99',
    [],
  ],
  [`${C}/opaque-ports`, 'Y', '', env('INBOUND_PORTS_DISABLE_PROTOCOL_DETECTION'), undefined, []],
  [`${C}/proxy-log-level`, 'Y', 'debug', env('LOG'), 'debug,[{headers}]=off,[{request}]=off', []],
  [`${C}/proxy-log-http-headers`, 'Y', 'insecure', env('LOG'), 'warn,linkerd=info,hickory=error', []],
  [
    `${C}/proxy-log-http-headers`,
    'Y',
    '',
    env('LOG'),
    'warn,linkerd=info,hickory=error,[{headers}]=off,[{request}]=off',
    [],
  ],
  [`${C}/proxy-log-format`, 'Y', 'json', env('LOG_FORMAT'), 'json', []],
  [`${C}/access-log`, 'Y', 'apache', env('ACCESS_LOG'), 'apache', []],
  [
    `${C}/proxy-cpu-request`,
    'Y',
    '1500m',
    both(resource('requests', 'cpu'), env('CORES'), env('CORES_MIN')),
    [['1500m', '1500m'], '2', '2'],
    QUANTITY,
  ],
  [
    `${C}/proxy-cpu-limit`,
    'Y',
    '2.1',
    both(resource('limits', 'cpu'), env('CORES_MAX'), env('CORES')),
    [['2.1', '2.1'], '3', '1'],
    QUANTITY,
  ],
  [
    `${C}/proxy-cpu-ratio-limit`,
    'N',
    '0.10',
    env('CORES_MAX_RATIO'),
    '0.1',
    ['0', '1', '1.0', '-0.5', 'x', '', 'Infinity'],
  ],
  [`${C}/proxy-memory-request`, 'Y', '20Mi', resource('requests', 'memory'), ['20Mi', '20Mi'], QUANTITY],
  [`${C}/proxy-memory-limit`, 'Y', '1e9', resource('limits', 'memory'), ['1e9', '1e9'], QUANTITY],
  [
    `${C}/proxy-ephemeral-storage-request`,
    'Y',
    '1Gi',
    resource('requests', 'ephemeral-storage'),
    ['1Gi', '1Gi'],
    QUANTITY,
  ],
  [
    `${C}/proxy-ephemeral-storage-limit`,
    'Y',
    '1G',
    resource('limits', 'ephemeral-storage'),
    ['1G', '1G'],
    QUANTITY,
  ],
  [
    `${C}/proxy-uid`,
    'Y',
    '1000660000',
    both(user('runAsUser'), arg('proxy-uid')),
    [1000660000, '1000660000'],
    INT,
  ],
  [`${C}/proxy-gid`, 'Y', '5', both(user('runAsGroup'), arg('proxy-gid')), [5, '5'], INT],
  [`${C}/proxy-gid`, 'Y', '-1', both(user('runAsGroup'), arg('proxy-gid')), [undefined, undefined], []],
  [`${C}/proxy-gid`, 'Y', '0', both(user('runAsGroup'), arg('proxy-gid')), [0, '0'], []],
  [`${C}/proxy-admin-shutdown`, 'Y', 'enabled', env('SHUTDOWN_ENDPOINT_ENABLED'), 'true', ENABLED],
  [`${C}/enable-external-profiles`, 'Y', 'T', env('DESTINATION_PROFILE_SUFFIXES'), '.', BOOLEAN],
  [
    `${C}/proxy-require-identity-inbound-ports`,
    'Y',
    '80,81',
    env('INBOUND_PORTS_REQUIRE_IDENTITY'),
    '80,81',
    [],
  ],
  [`${C}/proxy-metrics-hostname-labels`, 'Y', '1', env('OUTBOUND_METRICS_HOSTNAME_LABELS'), 'true', BOOLEAN],
  [
    `${C}/proxy-outbound-connect-timeout`,
    'Y',
    '1m2.5s',
    env('OUTBOUND_CONNECT_TIMEOUT'),
    '62500ms',
    DURATION,
  ],
  [`${C}/proxy-inbound-connect-timeout`, 'Y', '1500us', env('INBOUND_CONNECT_TIMEOUT'), '1ms', DURATION],
  [
    `${C}/proxy-outbound-discovery-cache-unused-timeout`,
    'Y',
    '1h1900ms',
    env('OUTBOUND_DISCOVERY_IDLE_TIMEOUT'),
    '3601s',
    DURATION,
  ],
  [
    `${C}/proxy-inbound-discovery-cache-unused-timeout`,
    'Y',
    '999ms',
    env('INBOUND_DISCOVERY_IDLE_TIMEOUT'),
    '0s',
    DURATION,
  ],
  [
    `${C}/proxy-disable-outbound-protocol-detect-timeout`,
    'Y',
    'true',
    env('OUTBOUND_DETECT_TIMEOUT'),
    '365d',
    BOOLEAN,
  ],
  [
    `${C}/proxy-disable-inbound-protocol-detect-timeout`,
    'Y',
    'true',
    env('INBOUND_DETECT_TIMEOUT'),
    '365d',
    BOOLEAN,
  ],
  [
    `${C}/default-inbound-policy`,
    'Y',
    'audit',
    env('INBOUND_DEFAULT_POLICY'),
    'audit',
    ['', 'allow', 'Deny', '__proto__'],
  ],
  [`${C}/shutdown-grace-period`, 'Y', '2m', env('SHUTDOWN_GRACE_PERIOD'), '120000ms', DURATION],
  [`${C}/proxy-await`, 'Y', 'disabled', ({ proxy }) => proxy.startupProbe, undefined, ENABLED],
  [`${C}/proxy-enable-native-sidecar`, 'Y', 'false', sidecar, 'app', BOOLEAN],
  ['config.beta.linkerd.io/proxy-enable-native-sidecar', 'N', 'false', sidecar, 'app', BOOLEAN],
  ['config.alpha.linkerd.io/proxy-enable-native-sidecar', 'Y', 'false', sidecar, 'app', BOOLEAN],
  [
    `${C}/proxy-additional-env`,
    'Y',
    '[{"name":"A","value":"1"}]',
    ({ proxy }) => proxy.env?.at(-1),
    { name: 'A', value: '1' },
    ['', '{}', '[1]', '[{"value":"x"}]', '[{"name":""}]', '[{"name":"A","value":1}]', '[null]', '['],
  ],
  [`${C}/enable-debug-sidecar`, 'Y', 'true', debug('image'), 'cr.l5d.io/linkerd/debug:v1', BOOLEAN],
  [`${C}/enable-gateway`, 'N', 'true', env('INBOUND_GATEWAY_SUFFIXES'), 'svc.cluster.local.', BOOLEAN],
];

const container = { ports: [{ containerPort: 8080, name: 'web' }] };
const render = (own: Record<string, string>, namespace: Record<string, string> = {}) =>
  injectedPod({ workload: pod({ annotations: own, container }), namespace });

describe.each(CASES)('%s (inherited: %s) = %p', (key, scope, text, read, expected, bad) => {
  it('on the pod takes effect', () => {
    const rendered = render({ [key]: text });
    expect(read(rendered)).toEqual(expected);
    expect(rendered.warnings).toEqual([]);
    expect(rendered.patch.map(({ path }) => path)).not.toContain(
      `/metadata/annotations/${key.replace('/', '~1')}`,
    );
  });

  it(
    scope === 'Y'
      ? 'on the namespace takes effect and is written onto the pod'
      : 'on the namespace has no effect',
    () => {
      const rendered = render({}, { [key]: text });
      if (scope === 'Y') {
        expect(read(rendered)).toEqual(expected);
        expect(rendered.object.metadata.annotations[key]).toBe(text);
        expect(rendered.warnings).toEqual([]);
      } else {
        expect(read(rendered)).toEqual(read(render({})));
        expect(rendered.object.metadata.annotations[key]).toBeUndefined();
        expect(rendered.warnings).toEqual([
          `annotation "${key}" of the namespace has no effect: it counts on pods only`,
        ]);
      }
    },
  );

  it('leaves the configured value in force where its text means nothing, and says so', () => {
    const untouched = read(render({}));
    for (const unreadable of bad) {
      const rendered = render({ [key]: unreadable });
      expect([unreadable, read(rendered)]).toEqual([unreadable, untouched]);
      expect(rendered.warnings).toHaveLength(1);
      expect(rendered.warnings[0]).toContain(
        `annotation "${key}" of the pod: ${JSON.stringify(unreadable)} is `,
      );
    }
  });
});

describe('the debug image', () => {
  it('is the pod’s to choose', () => {
    const rendered = render({
      [`${C}/enable-debug-sidecar`]: 'true',
      [`${C}/debug-image`]: 'reg.test/d',
      [`${C}/debug-image-version`]: 'v7',
      [`${C}/debug-image-pull-policy`]: 'Never',
    });
    expect(rendered.named('linkerd-debug')).toEqual({
      name: 'linkerd-debug',
      image: 'reg.test/d:v7',
      imagePullPolicy: 'Never',
      terminationMessagePolicy: 'FallbackToLogsOnError',
      livenessProbe: { exec: { command: ['true'] } },
      readinessProbe: { exec: { command: ['true'] } },
    });
  });
});

describe('the close-wait timeout', () => {
  const annotations = { [`${C}/close-wait-timeout`]: '1h0m0.9s' };

  it('makes the redirection privileged where it runs as root', () => {
    const rendered = injectedPod({
      workload: pod({ annotations }),
      values: { proxyInit: { runAsRoot: true } },
    });
    expect(arg('timeout-close-wait-secs')(rendered)).toBe('3600');
    expect(rendered.init?.securityContext).toMatchObject({
      allowPrivilegeEscalation: true,
      privileged: true,
      runAsNonRoot: false,
      runAsUser: 0,
      runAsGroup: 0,
    });
  });

  it('is refused without root, and means nothing to a CNI plugin', () => {
    expect(() => injectedPod({ workload: pod({ annotations }) })).toThrow(
      expect.objectContaining({ code: 'close_wait_requires_root', subject: `${C}/close-wait-timeout` }),
    );
    expect(
      injectedPod({ workload: pod({ annotations }), values: { cniEnabled: true } }).init,
    ).toBeUndefined();
  });
});

describe('without a native sidecar', () => {
  const values = { proxy: { nativeSidecar: false } };
  const lifecycle = (annotations: Record<string, string>) =>
    injectedPod({ workload: pod({ annotations }), values }).proxy;
  const postStart = {
    exec: { command: ['/usr/lib/linkerd/linkerd-await', '--timeout=2m', '--port=4191'] },
  };

  it('the application waits for the proxy, and no probe stands in', () => {
    const proxy = lifecycle({});
    expect(proxy.lifecycle).toEqual({ postStart });
    expect(proxy.startupProbe).toBeUndefined();
    expect(proxy.restartPolicy).toBeUndefined();
  });

  it('the proxy waits before it ends', () => {
    const WAIT = 'config.alpha.linkerd.io/proxy-wait-before-exit-seconds';
    const preStop = { exec: { command: ['/bin/sleep', '7'] } };
    expect(lifecycle({ [WAIT]: '7' }).lifecycle).toEqual({ postStart, preStop });
    expect(lifecycle({ [WAIT]: '7', [`${C}/proxy-await`]: 'disabled' }).lifecycle).toEqual({ preStop });
    expect(lifecycle({ [WAIT]: '-7' }).lifecycle).toEqual({ postStart });
    expect(lifecycle({ [`${C}/proxy-await`]: 'disabled' }).lifecycle).toBeUndefined();
    expect(injectedPod({ workload: pod({ annotations: { [WAIT]: '7' } }) }).warnings).toEqual([
      `annotation "${WAIT}" has no effect on a native sidecar, which ends after the application`,
    ]);
  });

  it('the port it waits on is the admin port', () => {
    expect(lifecycle({ [`${C}/admin-port`]: '1' }).lifecycle).toEqual({
      postStart: { exec: { command: ['/usr/lib/linkerd/linkerd-await', '--timeout=2m', '--port=1'] } },
    });
  });
});

describe('the three spellings of the native sidecar', () => {
  const [stable, beta, alpha] = ['config', 'config.beta', 'config.alpha'].map(
    (group) => `${group}.linkerd.io/proxy-enable-native-sidecar`,
  ) as [string, string, string];

  it.each([
    [{ [stable]: 'true', [beta]: 'false', [alpha]: 'false' }, {}, 'native'],
    [{ [stable]: 'maybe', [beta]: 'false' }, {}, 'native'],
    [{ [beta]: 'true', [alpha]: 'false' }, {}, 'native'],
    [{ [beta]: 'false', [alpha]: 'true' }, {}, 'app'],
    [{ [beta]: 'false' }, { [stable]: 'true' }, 'native'],
    [{ [alpha]: 'false' }, { [beta]: 'true' }, 'app'],
  ])('pod %j under namespace %j: %s', (own, namespace, expected) => {
    expect(sidecar(render(own, namespace))).toBe(expected);
  });
});

describe('the table', () => {
  it('has 43 keys that a namespace hands down and no key twice', () => {
    const keys = ANNOTATIONS.map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
    expect(ANNOTATIONS.filter(({ scope }) => scope === 'namespace')).toHaveLength(43);
  });

  it('is tested whole', () => {
    const tested = new Set(CASES.map(([key]) => key));
    expect(ANNOTATIONS.map(({ key }) => key).filter((key) => !tested.has(key))).toEqual([
      'linkerd.io/inject',
      'config.alpha.linkerd.io/proxy-wait-before-exit-seconds',
      `${C}/debug-image`,
      `${C}/debug-image-version`,
      `${C}/debug-image-pull-policy`,
      `${C}/close-wait-timeout`,
    ]);
  });
});
