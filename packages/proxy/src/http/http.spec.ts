import { describe, expect, it } from '@jest/globals';
import { classify } from './classify.ts';
import { removeHeader, setHeader } from './headers.ts';
import { stripHopByHop } from './hop-by-hop.ts';

const response = (status: number, headers: string[] = []) => ({
  status,
  version: '2' as const,
  headers,
  contentLength: -1,
});

describe('hop-by-hop fields', () => {
  it('go away together with the fields that Connection names', () => {
    const headers = [
      'host',
      'a',
      'connection',
      'X-Secret, keep-alive',
      'x-secret',
      '1',
      'keep-alive',
      '5',
      'x',
      'y',
    ];
    stripHopByHop(headers);
    expect(headers).toEqual(['host', 'a', 'x', 'y']);
  });

  it('cannot be used to strip what frames the message', () => {
    const headers = ['connection', 'content-length, host', 'content-length', '3', 'host', 'a'];
    stripHopByHop(headers);
    expect(headers).toEqual(['content-length', '3', 'host', 'a']);
  });
});

describe('headers', () => {
  it('are set once and removed everywhere', () => {
    const headers = ['a', '1', 'b', '2', 'a', '3'];
    setHeader(headers, 'a', '4');
    expect(headers).toEqual(['b', '2', 'a', '4']);
    removeHeader(headers, 'a');
    expect(headers).toEqual(['b', '2']);
  });
});

describe('a response', () => {
  it('of plain HTTP fails from 500', () => {
    expect(classify(false, response(499), null).classification).toBe('success');
    expect(classify(false, response(500), null).classification).toBe('failure');
  });

  it('of gRPC is judged by its status, wherever it stands', () => {
    expect(classify(true, response(200), ['grpc-status', '13'])).toEqual({
      classification: 'failure',
      grpcStatus: '13',
    });
    expect(classify(true, response(200, ['grpc-status', '5']), null)).toEqual({
      classification: 'success',
      grpcStatus: '5',
    });
  });

  it('of gRPC without a status is a success labelled 2', () => {
    expect(classify(true, response(200), null)).toEqual({ classification: 'success', grpcStatus: '2' });
  });
});
