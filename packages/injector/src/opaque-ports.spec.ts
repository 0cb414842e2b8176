import { describe, expect, it } from '@jest/globals';
import { applyPatch } from './apply-patch.ts';
import { injectedPod, pod, request } from './pod.builder.ts';
import type { ServicePort } from './workload.ts';

const KEY = 'config.linkerd.io/opaque-ports';
const DETECTION = 'INBOUND_PORTS_DISABLE_PROTOCOL_DETECTION';
const ALL = '25,587,3306,4444,5432,6379,9300,11211';
const ports = (...numbers: number[]) => ({ ports: numbers.map((containerPort) => ({ containerPort })) });

describe('the opaque ports of an injected pod', () => {
  it('are its own where it names them', () => {
    const { object, env } = injectedPod({
      workload: pod({ annotations: { [KEY]: '1,' }, container: ports(25) }),
      namespace: { [KEY]: '2' },
    });
    expect([object.metadata.annotations[KEY], env(DETECTION)]).toEqual(['1,', '1']);
  });

  it('are the namespace’s, text and all, where it names none', () => {
    const { object, env } = injectedPod({
      workload: pod({ container: ports(25) }),
      namespace: { [KEY]: ' 2, 3' },
    });
    expect([object.metadata.annotations[KEY], env(DETECTION)]).toEqual([' 2, 3', '2,3']);
  });

  it('are the defaults that it declares, init containers first, duplicates kept', () => {
    const workload = pod({
      spec: { initContainers: [{ name: 'i', ...ports(5432) }] },
      container: ports(8080, 3306, 25, 3306),
    });
    const { object, env } = injectedPod({ workload });
    expect([object.metadata.annotations[KEY], env(DETECTION)]).toEqual([
      '5432,3306,25,3306',
      '5432,3306,25,3306',
    ]);
  });

  it('are all defaults, unwritten, where it declares none of them', () => {
    const { object, env } = injectedPod({ workload: pod({ container: ports(8080) }) });
    expect([object.metadata.annotations[KEY], env(DETECTION)]).toEqual([undefined, ALL]);
  });

  it('do not come from a range among the defaults', () => {
    const workload = pod({ container: ports(4500) });
    const { object, env } = injectedPod({ workload, values: { proxy: { opaquePorts: '4000-5000' } } });
    expect([object.metadata.annotations[KEY], env(DETECTION)]).toEqual([undefined, '4000-5000']);
  });
});

describe('the opaque ports of a pod that is not injected', () => {
  const disabled = { 'linkerd.io/inject': 'disabled' };
  const outcome = (
    container: object,
    namespace: Record<string, string> = {},
    own: Record<string, string> = {},
  ) => {
    const workload = pod({ annotations: { ...disabled, ...own }, container });
    const result = request({ workload, namespace });
    return result.kind === 'annotated' ? result.patch : result.kind;
  };
  const written = (value: string) => [
    { op: 'add', path: '/metadata/annotations/config.linkerd.io~1opaque-ports', value },
  ];

  it('are written for its clients', () => {
    expect(outcome(ports(25, 80))).toEqual(written('25'));
    expect(outcome(ports(80), { [KEY]: '7' })).toEqual(written('7'));
    expect(outcome(ports(80))).toBe('skipped');
    expect(outcome(ports(25), { [KEY]: '7' }, { [KEY]: '' })).toBe('skipped');
  });

  it('come with the reasons why there is no sidecar', () => {
    expect(request({ workload: pod({ spec: { hostNetwork: true }, container: ports(25) }) })).toMatchObject({
      kind: 'annotated',
      reasons: [{ code: 'host_network_enabled' }],
      patch: [{ path: '/metadata/annotations', value: {} }, ...written('25')],
    });
  });

  it('are left alone by hand', () => {
    const workload = pod({ annotations: disabled, container: ports(25) });
    expect(request({ workload, origin: 'cli-manual' }).kind).toBe('skipped');
  });
});

describe('the opaque ports of a Service', () => {
  const service = (list: ServicePort[], annotations?: Record<string, string>) => ({
    kind: 'Service',
    metadata: { name: 's', ...(annotations && { annotations }) },
    spec: { ports: list },
  });
  const annotation = (workload: ReturnType<typeof service>, namespace: Record<string, string> = {}) => {
    const result = request({ workload, namespace });
    if (result.kind !== 'annotated') return result.kind;
    return applyPatch(workload, result.patch).metadata.annotations?.[KEY];
  };

  it('are those whose target is a default', () => {
    expect(annotation(service([{ port: 25 }, { port: 80 }]))).toBe('25');
    expect(
      annotation(
        service([
          { port: 1, targetPort: 3306 },
          { port: 25, targetPort: 80 },
        ]),
      ),
    ).toBe('1');
    expect(annotation(service([{ port: 25, targetPort: 'smtp' }]))).toBe('skipped');
  });

  it('are the namespace’s where it names any, even none', () => {
    expect(annotation(service([{ port: 25 }]), { [KEY]: '9' })).toBe('9');
    expect(annotation(service([{ port: 25 }]), { [KEY]: '' })).toBe('');
  });

  it('stay as they are where it names them', () => {
    expect(annotation(service([{ port: 25 }], { [KEY]: '' }), { [KEY]: '9' })).toBe('skipped');
    expect(request({ workload: service([{ port: 25 }]), origin: 'cli-manual' }).kind).toBe('skipped');
  });

  it('need no annotations and no ports to begin with', () => {
    expect(request({ workload: service([{ port: 25 }]) })).toMatchObject({
      patch: [{ path: '/metadata/annotations', value: {} }, { value: '25' }],
    });
    expect(request({ workload: service([{ port: 25 }], { a: 'b' }) })).toMatchObject({
      patch: [{ value: '25' }],
    });
    expect(request({ workload: { kind: 'Service' } }).kind).toBe('skipped');
  });
});
