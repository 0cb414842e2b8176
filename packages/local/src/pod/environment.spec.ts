import { describe, expect, it } from '@jest/globals';
import type { DataObject } from '../cluster/objects.ts';
import { containerArguments, containerEnvironment, expand, podField } from './environment.ts';
import { aContainer, aRunningPod } from './pod.builder.ts';

const objects: Readonly<Record<string, DataObject>> = {
  settings: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data: { COLOUR: 'blue' } },
  password: {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'password' },
    data: { password: Buffer.from('open sesame').toString('base64') },
  },
};
const find = (_kind: string, name: string) => objects[name];

describe('expanding a value', () => {
  const variables = new Map([['NAME', 'web']]);

  it('fills in variables that are known', () => {
    expect(expand('$(NAME).shop', variables)).toBe('web.shop');
  });

  it('leaves unknown references and escaped ones as they are meant', () => {
    expect(expand('$(OTHER) $$(NAME) $NAME', variables)).toBe('$(OTHER) $(NAME) $NAME');
  });

  it('does not expand what it has filled in', () => {
    expect(
      expand(
        '$(A)',
        new Map([
          ['A', '$(B)'],
          ['B', 'no'],
        ]),
      ),
    ).toBe('$(B)');
  });
});

describe('the environment of a container', () => {
  const environment = (container: Parameters<typeof aContainer>[0]) =>
    Object.fromEntries(containerEnvironment(aContainer(container), aRunningPod(), find));

  it('takes fields of the pod and refers to variables before', () => {
    const variables = environment({
      env: [
        { name: '_pod_ns', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
        { name: '_pod_name', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
        { name: 'CONTEXT', value: '{"ns":"$(_pod_ns)", "pod":"$(_pod_name)"}\n' },
        { name: 'EARLY', value: '$(LATE)' },
        { name: 'LATE', value: 'x' },
      ],
    });
    expect(variables).toMatchObject({ CONTEXT: '{"ns":"shop", "pod":"web-0"}\n', EARLY: '$(LATE)' });
  });

  it('takes values from ConfigMaps and Secrets, whole or by key', () => {
    const variables = environment({
      envFrom: [{ prefix: 'APP_', configMapRef: { name: 'settings' } }],
      env: [{ name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'password', key: 'password' } } }],
    });
    expect(variables).toEqual({ APP_COLOUR: 'blue', PASSWORD: 'open sesame' });
  });

  it('names the pod, the container and what is missing, unless it is optional', () => {
    const missing = (optional: boolean) =>
      environment({
        env: [{ name: 'X', valueFrom: { secretKeyRef: { name: 'nothing', key: 'k', optional } } }],
      });
    expect(() => missing(false)).toThrow('shop/web-0, container web: its environment needs nothing, key k');
    expect(missing(true)).toEqual({});
  });

  it('fills the command line', () => {
    const container = aContainer({ command: ['sh', '-c'], args: ['echo $(NAME)'] });
    expect(containerArguments(container, new Map([['NAME', 'web']]))).toEqual(['sh', '-c', 'echo web']);
  });
});

describe('a field of the pod', () => {
  it.each([
    ['metadata.uid', 'b2f1'],
    ["metadata.labels['app']", 'web'],
    ['metadata.annotations', 'note="a \\"b\\""'],
    ['spec.nodeName', 'local'],
    ['spec.serviceAccountName', 'web'],
    ['status.podIPs', '10.42.0.17'],
    ['status.hostIP', '10.42.0.1'],
    ['spec.somethingElse', ''],
  ])('%s is %j', (path, value) => {
    expect(podField(aRunningPod(), path)).toBe(value);
  });
});
