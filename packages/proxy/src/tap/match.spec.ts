import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from '@jest/globals';
import { HttpMethod_Registered, Scheme_Registered } from '@weft/proto/http_types';
import { ObserveRequest_MatchSchema } from '@weft/proto/tap';
import { compileMatch, InvalidMatch } from './match.ts';
import { everything, type MatchInit, onPath, onPorts, type SubjectInit, tapSubject } from './tap.builder.ts';

const compile = (match: MatchInit) => compileMatch(create(ObserveRequest_MatchSchema, match));
const matches = (match: MatchInit, subject: SubjectInit = {}) => compile(match).matches(tapSubject(subject));

type HttpInit = Extract<NonNullable<MatchInit['match']>, { case: 'http' }>['value'];
const http = (match: HttpInit['match']): MatchInit => ({
  match: { case: 'http', value: match === undefined ? {} : { match } },
});
const label = (kind: 'destinationLabel' | 'routeLabel', key: string, value: string): MatchInit => ({
  match: { case: kind, value: { key, value } },
});
const netmask = (kind: 'source' | 'destination', ipv4: number, mask: number): MatchInit => ({
  match: {
    case: kind,
    value: { match: { case: 'netmask', value: { ip: { ip: { case: 'ipv4', value: ipv4 } }, mask } } },
  },
});
const all = (...of: MatchInit[]): MatchInit => ({ match: { case: 'all', value: { matches: of } } });
const any = (...of: MatchInit[]): MatchInit => ({ match: { case: 'any', value: { matches: of } } });
const not = (of: MatchInit): MatchInit => ({ match: { case: 'not', value: of } });
const ten = 0x0a00_0000;

describe('a match', () => {
  it.each<[string, MatchInit, SubjectInit, boolean]>([
    ['all of nothing', everything, {}, true],
    ['all that hold', all(onPorts(8080), onPath('/')), {}, true],
    ['all but one that hold', all(onPorts(8080), onPath('/other')), {}, false],
    ['any of nothing', any(), {}, false],
    ['any of two', any(onPorts(1), onPorts(8080)), {}, true],
    ['not what holds', not(onPorts(8080)), {}, false],
    ['not what does not hold', not(onPorts(1)), {}, true],
    ['a range of ports', onPorts(8000, 9000), {}, true],
    ['a range beyond', onPorts(8081, 9000), {}, false],
    ['a port that is only the upper bound', onPorts(0, 8080), {}, true],
    ['a port that is only the lower bound', onPorts(8080, 0), {}, true],
    ['the network of the source', netmask('source', ten, 8), {}, true],
    ['another network', netmask('source', ten, 8), { sourceIp: '192.168.0.1' }, false],
    ['the network of the destination', netmask('destination', ten + 5, 32), {}, true],
    ['another address', netmask('destination', ten + 6, 32), {}, false],
    ['an address of the other family', netmask('destination', ten, 8), { destinationIp: 'fd00::1' }, false],
    [
      'a label of the destination',
      label('destinationLabel', 'pod', 'p9'),
      { destinationLabels: [['pod', 'p9']] },
      true,
    ],
    [
      'another value of the label',
      label('destinationLabel', 'pod', 'p9'),
      { destinationLabels: [['pod', 'p8']] },
      false,
    ],
    [
      'a label of the route',
      label('routeLabel', 'route', 'GET /'),
      { routeLabels: [['route', 'GET /']] },
      true,
    ],
    ['a label where there is no route', label('routeLabel', 'route', 'GET /'), {}, false],
    [
      'a scheme',
      http({ case: 'scheme', value: { type: { case: 'registered', value: Scheme_Registered.HTTP } } }),
      {},
      true,
    ],
    [
      'another scheme',
      http({ case: 'scheme', value: { type: { case: 'unregistered', value: 'ftp' } } }),
      {},
      false,
    ],
    [
      'a method',
      http({ case: 'method', value: { type: { case: 'registered', value: HttpMethod_Registered.PUT } } }),
      { request: { method: 'PUT' } },
      true,
    ],
    [
      'another method',
      http({ case: 'method', value: { type: { case: 'registered', value: HttpMethod_Registered.PUT } } }),
      {},
      false,
    ],
    [
      'a method of nobody else',
      http({ case: 'method', value: { type: { case: 'unregistered', value: 'BREW' } } }),
      { request: { method: 'BREW' } },
      true,
    ],
    [
      'an authority',
      http({ case: 'authority', value: { match: { case: 'exact', value: 'web:80' } } }),
      { request: { authority: 'web:80' } },
      true,
    ],
    [
      'the host in the place of an authority',
      http({ case: 'authority', value: { match: { case: 'exact', value: 'app' } } }),
      {},
      true,
    ],
    [
      'the beginning of an authority',
      http({ case: 'authority', value: { match: { case: 'prefix', value: 'we' } } }),
      { request: { authority: 'web:80' } },
      true,
    ],
    [
      'a path, whatever the query',
      http({ case: 'path', value: { match: { case: 'exact', value: '/a' } } }),
      { request: { path: '/a?b=/c' } },
      true,
    ],
    ['the beginning of a path', onPath('/api/'), { request: { path: '/api/1' } }, true],
    ['another beginning', onPath('/api/'), { request: { path: '/ap?/api/' } }, false],
  ])('of %s', (_what, match, subject, expected) => {
    expect(matches(match, subject)).toBe(expected);
  });

  it.each<[string, MatchInit, string]>([
    ['no kind', {}, 'match is missing'],
    ['no kind inside', all({}), 'match is missing'],
    ['nothing to negate', not({}), 'match is missing'],
    ['no ports', onPorts(0), 'ports 0-0'],
    ['ports the wrong way round', onPorts(9, 8), 'ports 9-8'],
    ['ports beyond the last', onPorts(1, 65_536), '65536'],
    ['a netmask of nothing', netmask('source', ten, 0), 'netmask'],
    ['a netmask that is too long', netmask('source', ten, 33), '10.0.0.0/33'],
    ['an address of no kind', { match: { case: 'source', value: {} } }, 'ports or netmask'],
    ['a label without a key', label('routeLabel', '', 'x'), 'route_label'],
    ['a label without a value', label('destinationLabel', 'x', ''), 'destination_label'],
    ['HTTP of no kind', http(undefined), 'scheme, method'],
    ['an empty method', http({ case: 'method', value: {} }), 'http.method'],
    ['an empty scheme', http({ case: 'scheme', value: {} }), 'http.scheme'],
    ['a path of no kind', http({ case: 'path', value: {} }), 'http.path'],
    ['more conditions than anybody needs', any(...Array.from({ length: 64 }, () => everything)), '64'],
  ])('with %s is refused', (_what, match, reason) => {
    expect(() => compile(match)).toThrow(InvalidMatch);
    expect(() => compile(match)).toThrow(reason);
  });

  it('is refused when it is missing or nested without end', () => {
    expect(() => compileMatch(undefined)).toThrow(InvalidMatch);
    let deep = everything;
    for (let i = 0; i < 20; i++) deep = not(deep);
    expect(() => compile(deep)).toThrow('deep');
  });

  it('costs as many conditions as it has', () => {
    expect(compile(all(onPorts(1), any(onPath('/'), onPath('/b')))).conditions).toBe(5);
  });
});
