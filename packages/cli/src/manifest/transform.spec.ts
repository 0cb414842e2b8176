import { describe, expect, it } from '@jest/globals';
import { renderDocuments } from './document.ts';
import { documentsOf } from './documents.builder.ts';
import { kindOf, nameOf } from './kinds.ts';
import { ManifestError } from './manifest-error.ts';
import { type Transform, transformDocuments } from './transform.ts';

/** Marks every object it is given; refuses those called `bad-…`. */
const mark: Transform<string> = (object) => {
  if (nameOf(object).startsWith('bad')) throw new ManifestError('not_injectable', `${nameOf(object)} is bad`);
  return { object: object === null ? null : { ...object, marked: true }, report: kindOf(object) };
};

function transform(stream: string, format: 'yaml' | 'json' = 'yaml') {
  const result = transformDocuments(documentsOf(stream), mark);
  if (result.kind === 'failed') return result;
  return { output: renderDocuments(result.documents, format), reports: result.reports };
}

describe('transformDocuments', () => {
  it('writes supported kinds anew, every document ended by a separator', () => {
    expect(transform('kind: Pod # mine\n---\nkind: Service\n')).toEqual({
      output: 'kind: Pod\nmarked: true\n---\nkind: Service\nmarked: true\n---\n',
      reports: ['pod', 'service'],
    });
  });

  it('preserves every byte of other kinds, of documents without a kind and of empty ones', () => {
    const others = ['# why\nkind:  ConfigMap # c\ndata: {b: 1,   a: 2}\n', 'some: thing\n', '\n'];
    expect(transform(others.join('---\n'))).toEqual({
      output: others.map((text) => `${text}---\n`).join(''),
      reports: ['configmap', '', ''],
    });
  });

  it('leaves custom resources alone that share the name of a kind', () => {
    const knative = 'apiVersion: serving.knative.dev/v1\nkind:  Service\n';
    expect(transform(knative)).toEqual({ output: `${knative}---\n`, reports: ['service'] });
  });

  it('writes each document as a line of JSON when asked', () => {
    expect(transform('kind: Pod\n---\nkind: ConfigMap\ndata: {b: 1, a: 2}\n---\n\n', 'json')).toHaveProperty(
      'output',
      '{"kind":"Pod","marked":true}\n{"data":{"a":2,"b":1},"kind":"ConfigMap","marked":true}\nnull\n',
    );
  });

  it('looks into a List, keeps its metadata and leaves its empty items empty', () => {
    const list = 'apiVersion: v1\nitems:\n- kind: Pod\n-\nkind: List\nmetadata: {resourceVersion: ""}\n';
    expect(transform(list)).toEqual({
      output:
        'apiVersion: v1\nitems:\n- kind: Pod\n  marked: true\n- null\nkind: List\nmetadata:\n  resourceVersion: ""\n---\n',
      reports: ['pod', ''],
    });
  });

  it('does not look into lists of one kind', () => {
    const list = 'kind: PodList\nitems: [{kind: Pod}]\n';
    expect(transform(list)).toEqual({ output: `${list}---\n`, reports: ['podlist'] });
  });

  it('collects the problems of all documents, one of each, and gives nothing out', () => {
    const stream = [
      'kind: Pod\n',
      'kind: Pod\nmetadata: {name: bad-1}\n',
      'kind: List\nitems: [{kind: Pod, metadata: {name: bad-2}}, {kind: Pod, metadata: {name: bad-3}}]\n',
      '- a list\n',
      'a: [1\n',
    ].join('---\n');
    expect(transform(stream)).toEqual({
      kind: 'failed',
      problems: [
        'bad-1 is bad',
        'bad-2 is bad',
        'document 4 of test.yaml is a list; a Kubernetes object is a mapping',
        expect.stringMatching(/^document 5 of test\.yaml: /),
      ],
    });
  });
});
