import { describe, expect, it } from '@jest/globals';
import { spanOf } from './span.builder.ts';
import { spanAttributes } from './span-attributes.ts';

describe('the attributes of a span', () => {
  it('tell of request and response', () => {
    const headers = [
      ...['host', 'orders.shop:8080', 'user-agent', 'curl/8', 'content-length', '3'],
      ...['content-type', 'text/plain', 'l5d-orig-proto', 'HTTP/1.1', 'authorization', 'secret'],
    ];
    const span = spanOf({ method: 'POST', path: '/a/b?c=d?e', authority: 'orders.shop:8080', headers });
    expect(spanAttributes(span)).toEqual({
      direction: 'inbound',
      'http.request.method': 'POST',
      'url.scheme': 'http',
      'url.path': '/a/b',
      'url.query': 'c=d?e',
      'url.full': 'http://orders.shop:8080/a/b?c=d?e',
      'network.transport': 'tcp',
      'server.address': 'orders.shop',
      'server.port': 8080,
      'user_agent.original': 'curl/8',
      'http.request.header.content-length': '3',
      'http.request.header.content-type': 'text/plain',
      'http.request.header.l5d-orig-proto': 'HTTP/1.1',
      'http.response.status_code': 200,
    });
  });

  it('leave out what is not known', () => {
    const span = spanOf({ headers: [], path: '/' }, { status: null, direction: 'outbound' });
    expect(spanAttributes(span)).toEqual({
      direction: 'outbound',
      'http.request.method': 'GET',
      'url.scheme': 'http',
      'url.path': '/',
      'network.transport': 'tcp',
    });
  });

  it('name the server as the client did, without its credentials', () => {
    const forwarded = ['x-forwarded-host', 'shop.example:8443', 'host', 'orders'];
    expect(spanAttributes(spanOf({ headers: forwarded }))).toMatchObject({
      'server.address': 'shop.example',
      'server.port': 8443,
      'url.full': 'http://orders/',
    });
    const attributes = spanAttributes(spanOf({ authority: 'me:password@orders:80', headers: [] }));
    expect(attributes).toMatchObject({ 'url.full': 'http://orders:80/', 'server.address': 'orders' });
    expect(JSON.stringify(attributes)).not.toContain('password');
  });

  it('are bounded, however long the request is', () => {
    const { 'url.path': path } = spanAttributes(spanOf({ path: `/${'a'.repeat(10_000)}` }));
    expect(String(path)).toHaveLength(1024);
  });
});
