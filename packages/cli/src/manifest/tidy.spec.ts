import { describe, expect, it } from '@jest/globals';
import { tidy } from './tidy.ts';

describe('tidy', () => {
  it('drops what says nothing and keeps what is empty on purpose', () => {
    const deployment = {
      kind: 'Deployment',
      metadata: { name: 'web', creationTimestamp: null, annotations: {} },
      spec: {
        strategy: {},
        selector: {},
        template: {
          metadata: { creationTimestamp: null },
          spec: {
            initContainers: [],
            containers: [{ name: 'web', resources: {} }],
            volumes: [{ name: 'tmp', emptyDir: {} }],
          },
        },
      },
      status: {},
    };
    expect(tidy(deployment)).toEqual({
      kind: 'Deployment',
      metadata: { name: 'web' },
      spec: {
        selector: {},
        template: { spec: { containers: [{ name: 'web' }], volumes: [{ name: 'tmp', emptyDir: {} }] } },
      },
    });
  });

  it('makes text of annotations and labels, on the object and on its template', () => {
    const metadata = { annotations: { port: 8080, on: true, empty: null }, labels: { version: 2 } };
    const text = { annotations: { port: '8080', on: 'true', empty: '' }, labels: { version: '2' } };
    expect(tidy({ kind: 'Job', metadata, spec: { template: { metadata, spec: { a: 1 } } } })).toEqual({
      kind: 'Job',
      metadata: text,
      spec: { template: { metadata: text, spec: { a: 1 } } },
    });
  });

  it('keeps fields nobody here knows, and a status that says something', () => {
    const pod = {
      kind: 'Pod',
      spec: { containers: [], futureField: { a: 0 } },
      status: { phase: 'Running' },
    };
    expect(tidy(pod)).toEqual(pod);
  });
});
