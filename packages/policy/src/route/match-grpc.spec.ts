import { describe, expect, it } from '@jest/globals';
import { matchGrpcRoute } from './match-grpc.ts';
import { grpcTable, rpc } from './route.builder.ts';

describe('choosing a gRPC route', () => {
  const table = grpcTable({
    both: [rpc('pkg.Svc', 'One')],
    service: [rpc('pkg.Svc', '')],
    method: [rpc('', 'Two')],
    tenant: [rpc('pkg.Svc', '', { 'x-tenant': 'blue' })],
  });
  const find = (path: string, method = 'POST', headers: string[] = []) =>
    matchGrpcRoute(table, 'x', path, method, headers)?.rule.name ?? null;

  it.each([
    ['/pkg.Svc/One', 'both'],
    ['/pkg.Svc/Other', 'service'],
    ['/x.Y/Two', 'method'],
    ['/pkg.Svc/Two', 'service'],
    ['/x.Y/Three', null],
    ['/pkg.Svc', null],
    ['pkg.Svc/One', null],
    ['/pkg.Svc2/One', null],
    ['/pkg.Svc/One2', 'service'],
  ])('%s leads to %s', (path, rule) => {
    expect(find(path)).toBe(rule);
  });

  it('prefers more headers', () => {
    expect(find('/pkg.Svc/Other', 'POST', ['x-tenant', 'blue'])).toBe('tenant');
    expect(find('/pkg.Svc/One', 'POST', ['x-tenant', 'blue'])).toBe('both');
  });

  it('is for POST alone', () => {
    expect(find('/pkg.Svc/One', 'GET')).toBeNull();
  });

  it('minds hosts', () => {
    const hosted = grpcTable({ rule: [] }, 'a.test');
    expect(matchGrpcRoute(hosted, 'b.test', '/a/b', 'POST', [])).toBeNull();
    expect(matchGrpcRoute(hosted, 'a.test:80', '/a/b', 'POST', [])?.rule.name).toBe('rule');
  });

  it('lets a rule without matches take everything', () => {
    const open = grpcTable({ rule: [] });
    expect(open.only?.rule.name).toBe('rule');
    expect(matchGrpcRoute(open, undefined, '/', 'GET', [])?.rule.name).toBe('rule');
    expect(grpcTable({ rule: [rpc('', '')] }).only).toBeNull();
  });
});
