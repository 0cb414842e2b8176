import { describe, expect, it } from '@jest/globals';
import { exchangeOf, FakeClient, type PlainExchange, requestHead, responseHead } from './exchange.builder.ts';
import type { Layer } from './layer.ts';
import { LimitInFlight } from './limit-in-flight.ts';
import { hostOf, normalizeAuthority, portOf } from './normalize-authority.ts';
import { stripConnectionFields } from './strip-hop-by-hop.ts';

describe('the limit of requests in flight', () => {
  function limited(max: number) {
    const limit = new LimitInFlight(max);
    const client = new FakeClient();
    const dispatch: Layer<PlainExchange> = { name: 'dispatch', onRequest: (x) => x.dispatch(client, 0) };
    return () => {
      const made = exchangeOf([limit as unknown as Layer<PlainExchange>, dispatch]);
      made.exchange.proceed();
      return made;
    };
  }

  it('refuses what exceeds it', () => {
    const send = limited(2);
    send();
    send();
    expect(send().exchange.finished).toBe(true);
  });

  it('counts until the head of the answer, not its body', () => {
    const send = limited(1);
    const { exchange } = send();
    exchange.onResponseHead(responseHead(), false);
    const second = send();
    expect(second.exchange.finished).toBe(false);
    // The end of the first answer must not make room a second time.
    exchange.onResponseEnd(null);
    expect(send().exchange.finished).toBe(true);
  });

  it('counts no longer who gave up', () => {
    const send = limited(1);
    send().exchange.onRequestReset({ kind: 'io', error: new Error('gone') });
    expect(send().exchange.finished).toBe(false);
  });

  it('is not lowered by those it refused', () => {
    const send = limited(1);
    const { exchange } = send();
    send();
    send();
    exchange.onResponseHead(responseHead(), true);
    expect(send().exchange.finished).toBe(false);
    expect(send().exchange.finished).toBe(true);
  });
});

describe('fields about one connection', () => {
  function pass(headers: string[], wantsUpgrade = false) {
    const { exchange } = exchangeOf([stripConnectionFields], { head: { headers, wantsUpgrade } });
    exchange.proceed();
    return exchange;
  }

  it('stay on it', () => {
    const { request } = pass(['host', 'app', 'connection', 'x-hop', 'x-hop', '1', 'keep-alive', '5']);
    expect(request.headers).toEqual(['host', 'app']);
  });

  it('go along when the exchange wants to leave HTTP', () => {
    const headers = ['host', 'app', 'connection', 'upgrade', 'upgrade', 'websocket'];
    expect(pass(headers.slice(), true).request.headers).toEqual(headers);
  });

  it('that ask for HTTP/2 on the way are taken away, and the request is an ordinary one', () => {
    const { request } = pass(
      [
        'host',
        'app',
        'connection',
        'Upgrade, HTTP2-Settings',
        'upgrade',
        'h2c',
        'http2-settings',
        'AAMAAABk',
      ],
      true,
    );
    expect(request.headers).toEqual(['host', 'app']);
    expect(request.wantsUpgrade).toBe(false);
  });

  it('of the answer stay, unless the answer is a switch of protocols', () => {
    const exchange = pass(['host', 'app']);
    const plain = responseHead(200, ['connection', 'close', 'proxy-connection', 'close', 'a', 'b']);
    exchange.onResponseHead(plain, true);
    expect(plain.headers).toEqual(['a', 'b']);
    const switching = responseHead(101, ['connection', 'upgrade', 'upgrade', 'websocket']);
    stripConnectionFields.onResponseHead?.(exchange, switching);
    expect(switching.headers).toEqual(['connection', 'upgrade', 'upgrade', 'websocket']);
  });
});

describe('the authority of a request', () => {
  it.each([
    ['HTTP/1 is its Host', { headers: ['host', 'app:8080'] }, 'app:8080'],
    ['HTTP/1 without Host is where it was sent', { headers: [] }, '10.0.0.1:80'],
    ['HTTP/1 with an empty Host is where it was sent', { headers: ['host', ''] }, '10.0.0.1:80'],
    [
      'HTTP/1 in absolute form is kept',
      { authority: 'proxy.example', headers: ['host', 'app'] },
      'proxy.example',
    ],
    ['HTTP/2 is kept', { version: '2', authority: 'app' }, 'app'],
    ['HTTP/2 without one stays without', { version: '2', headers: ['host', 'app'] }, undefined],
  ] as const)('of %s', (_what, head, expected) => {
    const { headers, ...rest } = { headers: [] as readonly string[], ...head };
    const request = requestHead({ ...rest, headers: [...headers] });
    normalizeAuthority(request, '10.0.0.1:80');
    expect(request.authority).toBe(expected);
  });

  it.each([
    ['app', 'app', 80],
    ['app:8080', 'app', 8080],
    ['user:secret@app:8080', 'app', 8080],
    ['[fd00::1]', 'fd00::1', 80],
    ['[fd00::1]:8080', 'fd00::1', 8080],
    ['app:0', 'app', 80],
    ['app:65536', 'app', 80],
    ['app:', 'app', 80],
  ])('%j has a host and a port', (authority, host, port) => {
    expect(hostOf(authority)).toBe(host);
    expect(portOf(authority, 80)).toBe(port);
  });
});
