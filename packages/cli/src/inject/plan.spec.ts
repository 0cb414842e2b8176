import { describe, expect, it } from '@jest/globals';
import { planFor } from './plan.builder.ts';

/** The annotations that would be written to a workload without any, short of their usual prefix. */
function annotationsFor(...args: string[]): Record<string, string> {
  const { overrides, templateAnnotations } = planFor(...args);
  const written = [...overrides].flatMap(([key, { text, isDefault }]) =>
    isDefault ? [] : [[key, text] as const],
  );
  return Object.fromEntries(
    [...written, ...templateAnnotations].map(([key, text]) => [
      key.replace(/^config\.linkerd\.io\//, ''),
      text,
    ]),
  );
}

describe('flags of inject', () => {
  it('writes no annotation without flags', () => {
    expect(annotationsFor()).toEqual({});
  });

  it.each([
    [['--proxy-image', 'example.com/proxy'], { 'proxy-image': 'example.com/proxy' }],
    [['--proxy-version', 'v2'], { 'proxy-version': 'v2' }],
    [['-v', 'v2'], { 'proxy-version': 'v2' }],
    [['--image-pull-policy', 'IfNotPresent'], { 'image-pull-policy': 'IfNotPresent' }],
    [['--inbound-port', '5143'], { 'inbound-port': '5143' }],
    [['--outbound-port=5140'], { 'outbound-port': '5140' }],
    [['--control-port', '5190'], { 'control-port': '5190' }],
    [['--admin-port', '5191'], { 'admin-port': '5191' }],
    [['--skip-inbound-ports', '22,8100-8102'], { 'skip-inbound-ports': '22,8100-8102' }],
    [
      ['--skip-outbound-ports', '22', '--skip-outbound-ports', '80, 81'],
      { 'skip-outbound-ports': '22,80,81' },
    ],
    [['--proxy-uid', '3000'], { 'proxy-uid': '3000' }],
    [['--proxy-gid', '3000'], { 'proxy-gid': '3000' }],
    [['--proxy-gid', '-1'], {}],
    [['--proxy-log-level', 'debug'], { 'proxy-log-level': 'debug' }],
    [
      ['--proxy-cpu-request', '10m', '--proxy-cpu-limit', '1'],
      { 'proxy-cpu-request': '10m', 'proxy-cpu-limit': '1' },
    ],
    [
      ['--proxy-memory-request', '1Mi', '--proxy-memory-limit', '2Mi'],
      { 'proxy-memory-request': '1Mi', 'proxy-memory-limit': '2Mi' },
    ],
    [
      ['--proxy-cpu', '10m', '--proxy-memory', '1Mi'],
      { 'proxy-cpu-request': '10m', 'proxy-memory-request': '1Mi' },
    ],
    [['--enable-external-profiles'], { 'enable-external-profiles': 'true' }],
    [['--enable-external-profiles=false'], {}],
    [['--default-inbound-policy', 'deny'], { 'default-inbound-policy': 'deny' }],
    [['--require-identity-on-inbound-ports', '8080'], { 'proxy-require-identity-inbound-ports': '8080' }],
    [['--opaque-ports', 'db,4000-4001'], { 'opaque-ports': 'db,4000-4001' }],
    [['--native-sidecar'], {}],
    [['--native-sidecar=false'], { 'proxy-enable-native-sidecar': 'false' }],
    [['--wait-before-exit-seconds', '5'], { 'config.alpha.linkerd.io/proxy-wait-before-exit-seconds': '5' }],
    [['--enable-debug-sidecar'], { 'enable-debug-sidecar': 'true' }],
    [['--close-wait-timeout', '1h'], { 'close-wait-timeout': '1h0m0s' }],
    [['--close-wait-timeout', '1m30s'], { 'close-wait-timeout': '1m30s' }],
    [['--close-wait-timeout', '1500ms'], { 'close-wait-timeout': '1.5s' }],
    [
      ['--registry', 'example.com/mesh'],
      { 'proxy-image': 'example.com/mesh/proxy', 'debug-image': 'example.com/mesh/debug' },
    ],
    [['--registry', 'cr.l5d.io/linkerd'], {}],
    [
      ['--registry', 'example.com', '--proxy-image', 'here/my-proxy'],
      { 'proxy-image': 'example.com/my-proxy', 'debug-image': 'example.com/debug' },
    ],
  ])('turns %j into annotations', (args, annotations) => {
    expect(annotationsFor(...args)).toEqual(annotations);
  });

  it.each([
    [['--inbound-port', '4143'], 'config.linkerd.io/inbound-port'],
    [['--proxy-uid', '2102'], 'config.linkerd.io/proxy-uid'],
    [['--skip-inbound-ports', '4567,4568'], 'config.linkerd.io/skip-inbound-ports'],
  ])('knows that %j is what the cluster does anyway', (args, annotation) => {
    expect(planFor(...args).overrides.get(annotation)?.isDefault).toBe(true);
  });

  it.each([
    [['--inbound-port', '0']],
    [['--admin-port', '70000']],
    [['--skip-inbound-ports', '80,http']],
    [['--proxy-cpu-limit', 'much']],
    [['--proxy-memory-request', '1MB']],
    [['--default-inbound-policy', 'allow']],
    [['--image-pull-policy', 'Sometimes']],
    [['--wait-before-exit-seconds', '-1']],
    [['--close-wait-timeout', '5']],
  ])('refuses %j, naming flag and value', (args) => {
    const [flag = '', value = ''] = args;
    expect(() => planFor(...args)).toThrow(new RegExp(`${flag}.*${value}`));
  });

  it('takes the registry from the environment', () => {
    process.env.LINKERD_DOCKER_REGISTRY = 'registry.example.com';
    try {
      expect(annotationsFor()).toMatchObject({ 'proxy-image': 'registry.example.com/proxy' });
    } finally {
      delete process.env.LINKERD_DOCKER_REGISTRY;
    }
  });
});
