import { describe, expect, it } from '@jest/globals';
import { ProxyError } from '../errors/proxy-error.ts';
import { RecordingLogger } from '../transport/recording-logger.builder.ts';
import { exchangeOf, FakeClient, type PlainExchange, responseHead } from './exchange.builder.ts';
import { logDispatch, logOutcome } from './log-requests.ts';

function send(log: RecordingLogger, client = new FakeClient()) {
  const describe = () => {
    if (!log.enabled('debug')) throw new Error('nobody listens: nothing is to be put together');
    return { route: 'all' };
  };
  const { exchange } = exchangeOf([
    logOutcome<PlainExchange>(log, describe),
    logDispatch<PlainExchange>(log, describe),
    { name: 'dispatch', onRequest: (x) => x.dispatch(client, 0) },
  ]);
  exchange.proceed();
  return exchange;
}

const request = { method: 'GET', path: '/', authority: undefined, route: 'all' };

describe('a request', () => {
  it('is logged when it is dispatched and when it is over', () => {
    const log = new RecordingLogger();
    send(log).onResponseHead(responseHead(204), true);
    expect(log.lines).toEqual([
      { level: 'debug', message: 'Request dispatched', fields: request },
      { level: 'debug', message: 'Request finished', fields: { ...request, status: 204 } },
    ]);
  });

  it('is logged with what went wrong', () => {
    const log = new RecordingLogger();
    const error = new ProxyError('io', 'refused');
    send(log).fail(error);
    expect(log.lines[1]).toEqual({
      level: 'debug',
      message: 'Request failed',
      fields: { ...request, status: undefined, code: 'io', error },
    });
  });

  it('costs nothing while nobody listens', () => {
    const log = new RecordingLogger('info');
    send(log).onResponseHead(responseHead(204), true);
    expect(log.lines).toEqual([]);
  });
});
