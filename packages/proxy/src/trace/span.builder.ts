import { requestHead } from '../exchange/exchange.builder.ts';
import type { RequestHead } from '../http/message.ts';
import { describeRequest, type Span } from './span.ts';

export const TRACE = '0af7651916cd43dd8448eb211c80319c';
export const PARENT = 'b7ad6b7169203331';

/** A span of a request like this, 2.5 ms long. */
export function spanOf(head: Partial<RequestHead> = {}, over: Partial<Span> = {}): Span {
  return {
    traceId: TRACE,
    spanId: '00f067aa0ba902b7',
    parentId: PARENT,
    kind: 'server',
    direction: 'inbound',
    request: describeRequest(requestHead(head)),
    startedAt: 1000,
    endedAt: 1002.5,
    status: 200,
    ...over,
  };
}
