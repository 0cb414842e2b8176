import { describe, expect, it } from '@jest/globals';
import { injectedPod, pod, request } from '../pod.builder.ts';

const SKIP = 'config.linkerd.io/skip-outbound-ports';
const ENV = 'config.linkerd.io/proxy-additional-env';
const render = (own: Record<string, string>, namespace: Record<string, string> = {}, proxy = {}) =>
  injectedPod({ workload: pod({ annotations: own }), namespace, values: { proxy } });
const skipped = (own: Record<string, string>, namespace: Record<string, string>) => {
  const args = render(own, namespace).init?.args ?? [];
  const index = args.indexOf('--outbound-ports-to-ignore');
  return index < 0 ? undefined : args[index + 1];
};

describe('layers', () => {
  it('values yield to the namespace, the namespace to the pod', () => {
    expect(skipped({}, {})).toBe('4567,4568');
    expect(skipped({}, { [SKIP]: '1' })).toBe('1');
    expect(skipped({ [SKIP]: '2' }, { [SKIP]: '1' })).toBe('2');
  });

  it('an empty value on the pod hides the namespace and is left as it is', () => {
    expect(skipped({ [SKIP]: '' }, { [SKIP]: '1' })).toBeUndefined();
    expect(render({ [SKIP]: '' }, { [SKIP]: '1' }).object.metadata.annotations[SKIP]).toBe('');
  });

  it('an unreadable value on the pod falls back to the configuration, not to the namespace', () => {
    const uid = 'config.linkerd.io/proxy-uid';
    const { proxy } = render({ [uid]: 'x' }, { [uid]: '7' });
    expect(proxy.securityContext).toMatchObject({ runAsUser: 2102 });
  });

  it('an unreadable value of the namespace is named as the namespace’s, and written down all the same', () => {
    const { warnings, object } = render({}, { 'config.linkerd.io/proxy-uid': 'x' });
    expect(warnings).toEqual([
      'annotation "config.linkerd.io/proxy-uid" of the namespace: "x" is not an integer; ignored',
    ]);
    expect(object.metadata.annotations['config.linkerd.io/proxy-uid']).toBe('x');
  });

  it('scalars of YAML are taken as their text', () => {
    const workload = pod({ annotations: { 'config.linkerd.io/proxy-uid': 7, [SKIP]: null } as never });
    const rendered = injectedPod({ workload });
    expect(rendered.proxy.securityContext).toMatchObject({ runAsUser: 7 });
    expect(rendered.init?.args).not.toContain('--outbound-ports-to-ignore');
  });

  it('a port out of range is used as Linkerd uses it, with a warning', () => {
    const { env, warnings } = render({ 'config.linkerd.io/admin-port': '70000' });
    expect(env('ADMIN_LISTEN_ADDR')).toBe('0.0.0.0:70000');
    expect(warnings).toEqual([
      'annotation "config.linkerd.io/admin-port" of the pod: "70000" is outside of 1 to 65535; the pod will not start with it',
    ]);
  });

  it('each bad item of a port list is named and left out', () => {
    const { env, warnings } = render({ 'config.linkerd.io/opaque-ports': '1,http,9-2,70000,,2' });
    expect(env('INBOUND_PORTS_DISABLE_PROTOCOL_DETECTION')).toBe('1,2');
    expect(warnings.map((text) => /: (".*?") is/.exec(text)?.[1])).toEqual([
      '"http"',
      '"9-2"',
      '"70000"',
      '""',
    ]);
  });
});

describe('additional environment', () => {
  const list = (...entries: [string, string][]) =>
    JSON.stringify(entries.map(([name, value]) => ({ name, value })));
  const added = (own: Record<string, string>, namespace: Record<string, string>, proxy = {}) =>
    render(own, namespace, proxy)
      .proxy.env?.filter(({ name }) => !name.startsWith('LINKERD2') && !/^_(pod|l5d)/.test(name))
      .map(({ name, value }) => `${name}=${value}`);

  it('adds up over all layers, replacing in place', () => {
    const helm = {
      additionalEnv: [
        { name: 'A', value: 'helm' },
        { name: 'B', value: 'helm' },
      ],
    };
    const namespace = { [ENV]: list(['B', 'ns'], ['C', 'ns']) };
    const own = { [ENV]: list(['D', 'pod'], ['C', 'pod'], ['__proto__', 'pod']) };
    expect(added(own, namespace, helm)).toEqual(['A=helm', 'B=ns', 'C=pod', 'D=pod', '__proto__=pod']);
  });

  it('is written onto the pod only where the pod has none', () => {
    const namespace = { [ENV]: list(['A', 'ns']) };
    expect(render({}, namespace).object.metadata.annotations[ENV]).toBe(namespace[ENV]);
    const own = { [ENV]: list(['B', 'pod']) };
    expect(render(own, namespace).object.metadata.annotations[ENV]).toBe(own[ENV]);
  });

  it('loses only the layer that cannot be read', () => {
    expect(added({ [ENV]: '[' }, { [ENV]: list(['A', 'ns']) })).toEqual(['A=ns']);
    expect(added({ [ENV]: list(['B', 'pod']) }, { [ENV]: '[' })).toEqual(['B=pod']);
  });

  it('keeps references to fields and secrets', () => {
    const entry = { name: 'A', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } };
    expect(render({ [ENV]: JSON.stringify([entry]) }).proxy.env?.at(-1)).toEqual(entry);
  });
});

describe('annotations that nothing reads', () => {
  it.each([
    ['config.linkerd.io/proxy-cpu-requst', 'config.linkerd.io/proxy-cpu-request'],
    ['config.linkerd.io/skip-outbond-ports', 'config.linkerd.io/skip-outbound-ports'],
    ['config.linkerd.io/opaque-port', 'config.linkerd.io/opaque-ports'],
    ['config.linkerd.io/inject', 'linkerd.io/inject'],
    [
      'config.linkerd.io/proxy-wait-before-exit-seconds',
      'config.alpha.linkerd.io/proxy-wait-before-exit-seconds',
    ],
    ['config.beta.linkerd.io/opaque-ports', 'config.linkerd.io/opaque-ports'],
    ['linkerd.io/inejct', 'linkerd.io/inject'],
  ])('%s is answered with %s', (misspelt, meant) => {
    const { warnings, object } = render({ [misspelt]: 'x' }, {});
    expect(warnings).toEqual([
      `annotation "${misspelt}" of the pod is not known and has no effect; did you mean "${meant}"?`,
    ]);
    expect(render({}, { [misspelt]: 'x' }).object.metadata.annotations[misspelt]).toBeUndefined();
    expect(object.metadata.annotations[misspelt]).toBe('x');
  });

  it('are named without a suggestion where none is near', () => {
    expect(render({ 'config.linkerd.io/something-else-entirely': 'x' }).warnings).toEqual([
      'annotation "config.linkerd.io/something-else-entirely" of the pod is not known and has no effect',
    ]);
  });

  it('of others are none of our business', () => {
    const others = {
      'linkerd.io/created-by': 'x',
      'viz.linkerd.io/tap-enabled': 'x',
      'example.com/inject': 'x',
    };
    expect(render(others, others).warnings).toEqual([]);
  });

  it('are reported for pods that are not injected too, where they may be the cause', () => {
    const workload = pod({ annotations: { 'linkerd.io/injct': 'enabled' } });
    const result = request({ workload, namespace: { 'linkerd.io/inject': 'disabled' } });
    expect(result.kind).toBe('skipped');
    expect(result.warnings).toHaveLength(1);
  });

  it('cannot break a line of the log nor make it long', () => {
    const { warnings } = render({ [`config.linkerd.io/a\n${'x'.repeat(5000)}`]: 'x' });
    expect(warnings[0]).not.toContain('\n');
    expect(warnings[0]!.length).toBeLessThan(250);
  });
});
