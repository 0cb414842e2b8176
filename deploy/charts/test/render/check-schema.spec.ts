import { describe, expect, it } from '@jest/globals';
import { checkSchema } from './check-schema.ts';
import type { KubernetesObject } from './helm.ts';

const check = (object: object) => checkSchema(object as KubernetesObject);
const service = (spec: object) =>
  check({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec });

describe('the check of objects', () => {
  it('is content with fields of their types', () => {
    expect(service({ selector: { app: 'web' }, ports: [{ port: 80, targetPort: 'http' }] })).toEqual([]);
  });

  it('finds unknown fields, wrong types and nothing where something should be', () => {
    expect(service({ port: 80 })).toEqual([
      'Service.spec has a field port, which V1ServiceSpec does not have',
    ]);
    expect(service({ ports: [{ port: '80' }] })).toEqual([
      'Service.spec.ports[0].port is "80" and no number',
    ]);
    expect(service({ ports: { port: 80 } })).toEqual(['Service.spec.ports is no list']);
    expect(service({ selector: { app: 1 } })).toEqual(['Service.spec.selector.app is 1 and no string']);
    expect(service({ selector: null })).toEqual(['Service.spec.selector is null']);
    expect(service({ ports: [{ port: 80, targetPort: [] }] })).toEqual([
      'Service.spec.ports[0].targetPort is neither a number nor text',
    ]);
  });

  it('finds kinds that do not exist', () => {
    expect(check({ apiVersion: 'apps/v1beta1', kind: 'Deployment' })).toEqual([
      'apps/v1beta1 Deployment is not in the API',
    ]);
  });
});
