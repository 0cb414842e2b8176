import { describe, expect, it } from '@jest/globals';
import { newSpanId } from './ids.ts';
import { readTraceContext } from './read-trace-context.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = 'b7ad6b7169203331';
const NEXT = '00f067aa0ba902b7';
const bin = (trace: string, parent: string, options: string) =>
  Buffer.from(`0000${trace}01${parent}02${options}`, 'hex').toString('base64');
const BIN = bin(TRACE, PARENT, '01');

describe('the trace that a request belongs to', () => {
  it.each<[string, string[], boolean, string[]]>([
    [
      'W3C',
      ['traceparent', `00-${TRACE}-${PARENT}-01`, 'tracestate', 'a=b'],
      true,
      ['tracestate', 'a=b', 'traceparent', `00-${TRACE}-${NEXT}-01`],
    ],
    [
      'W3C, not sampled',
      ['traceparent', `00-${TRACE}-${PARENT}-00`],
      false,
      ['traceparent', `00-${TRACE}-${NEXT}-00`],
    ],
    [
      'W3C, with a flag of tomorrow',
      ['traceparent', `00-${TRACE}-${PARENT}-03`],
      true,
      ['traceparent', `00-${TRACE}-${NEXT}-03`],
    ],
    ['gRPC', ['grpc-trace-bin', BIN], true, ['grpc-trace-bin', bin(TRACE, NEXT, '01')]],
    [
      'gRPC, not sampled and not padded',
      ['grpc-trace-bin', bin(TRACE, PARENT, '00').replace('=', '')],
      false,
      ['grpc-trace-bin', bin(TRACE, NEXT, '00').replace('=', '')],
    ],
    [
      'B3',
      ['x-b3-traceid', TRACE, 'x-b3-spanid', PARENT, 'x-b3-sampled', '1'],
      true,
      ['x-b3-traceid', TRACE, 'x-b3-sampled', '1', 'x-b3-spanid', NEXT],
    ],
    [
      'B3, not sampled',
      ['x-b3-traceid', TRACE, 'x-b3-spanid', PARENT, 'x-b3-sampled', '0'],
      false,
      ['x-b3-traceid', TRACE, 'x-b3-sampled', '0', 'x-b3-spanid', NEXT],
    ],
    [
      'B3, undecided',
      ['x-b3-traceid', TRACE, 'x-b3-spanid', PARENT],
      false,
      ['x-b3-traceid', TRACE, 'x-b3-spanid', NEXT],
    ],
  ])('is read and written as %s', (_, headers, sampled, onward) => {
    const context = readTraceContext(headers);
    expect(context).toMatchObject({ traceId: TRACE, parentId: PARENT, sampled });
    context?.continueAs(headers, NEXT);
    expect(headers).toEqual(onward);
  });

  it('may have an id of 64 bits in B3', () => {
    const short = ['x-b3-traceid', '8448EB211C80319C', 'x-b3-spanid', PARENT];
    expect(readTraceContext(short)?.traceId).toBe('00000000000000008448eb211c80319c');
  });

  it('is that of the first format that makes sense, and the others stay as they are', () => {
    const other = TRACE.replace('0', '1');
    const b3 = ['x-b3-traceid', other, 'x-b3-spanid', PARENT];
    const headers = [...b3, 'traceparent', `00-${TRACE}-${PARENT}-01`];
    const context = readTraceContext(headers);
    expect(context?.traceId).toBe(TRACE);
    context?.continueAs(headers, NEXT);
    expect(headers).toEqual([...b3, 'traceparent', `00-${TRACE}-${NEXT}-01`]);
    expect(readTraceContext([...b3, 'traceparent', 'nonsense'])?.traceId).toBe(other);
  });

  it.each([
    ['nothing', []],
    ['a version of tomorrow', ['traceparent', `01-${TRACE}-${PARENT}-01`]],
    ['a trace of zeros', ['traceparent', `00-${'0'.repeat(32)}-${PARENT}-01`]],
    ['a span of zeros', ['traceparent', `00-${TRACE}-${'0'.repeat(16)}-01`]],
    ['capital letters', ['traceparent', `00-${TRACE.toUpperCase()}-${PARENT}-01`]],
    ['more than there may be', ['traceparent', `00-${TRACE}-${PARENT}-01-more`]],
    ['bytes that are none', ['grpc-trace-bin', '%'.repeat(40)]],
    ['too few bytes', ['grpc-trace-bin', BIN.slice(0, 20)]],
    ['fields out of order', ['grpc-trace-bin', bin(TRACE, PARENT, '01').replace('AAAK', 'AAEK')]],
    ['binary zeros', ['grpc-trace-bin', bin('0'.repeat(32), PARENT, '01')]],
    ['B3 without a span', ['x-b3-traceid', TRACE, 'x-b3-sampled', '1']],
    ['B3 with half an id', ['x-b3-traceid', TRACE.slice(0, 20), 'x-b3-spanid', PARENT]],
    ['B3 of zeros', ['x-b3-traceid', '0'.repeat(16), 'x-b3-spanid', PARENT]],
  ])('cannot be told from %s', (_, headers) => {
    expect(readTraceContext(headers)).toBeNull();
  });
});

describe('the id of a span', () => {
  it('is another every time, also when many are needed', () => {
    const ids = Array.from({ length: 2000 }, newSpanId);
    expect(ids.every((id) => /^[0-9a-f]{16}$/.test(id))).toBe(true);
    expect(new Set(ids).size).toBe(2000);
  });
});
