import { describe, expect, it } from '@jest/globals';
import { formatDestination, type NamedDestination } from '../discovery/destination.ts';
import { requestHead } from '../exchange/exchange.builder.ts';
import type { RequestHead } from '../http/message.ts';
import type { WatchedProfile } from '../profile/watched-profile.ts';
import { ConnectionProfiles } from './connection-profiles.ts';

/** Profiles of whatever is asked for, told apart by their names. */
function profiles() {
  const acquired: string[] = [];
  const released: string[] = [];
  const connection = new ConnectionProfiles({
    acquire(name: NamedDestination) {
      const text = formatDestination(name);
      acquired.push(text);
      return { value: text as unknown as WatchedProfile, release: () => released.push(text) };
    },
  });
  const find = (over: Partial<RequestHead>) => connection.find(requestHead(over));
  return { acquired, released, connection, find };
}

describe('the service that a request names', () => {
  it('is in l5d-dst-canonical, else in the authority, else in Host', () => {
    const { find } = profiles();
    const headers = ['l5d-dst-canonical', 'web.shop:8080', 'host', 'ignored'];
    expect(find({ headers, authority: 'alias' })).toBe('web.shop:8080');
    expect(find({ headers: ['host', 'ignored'], authority: 'API.shop' })).toBe('api.shop:80');
    expect(find({ headers: ['host', 'api:1'] })).toBe('api:1');
  });

  it.each<[string, Partial<RequestHead>]>([
    ['addresses', { authority: '10.0.0.1:80', headers: ['host', '[fd00::1]'] }],
    ['nothing', { headers: [] }],
    ['nonsense', { headers: ['l5d-dst-canonical', 'no name', 'host', ''] }],
  ])('is none for %s', (_what, head) => {
    const { find, acquired } = profiles();
    expect(find(head)).toBeNull();
    expect(acquired).toEqual([]);
  });

  it('is read where the first field makes no sense, for each request anew', () => {
    const { find } = profiles();
    const headers = ['l5d-dst-canonical', '10.0.0.1:80'];
    expect(find({ headers, authority: 'a' })).toBe('a:80');
    expect(find({ headers, authority: 'b' })).toBe('b:80');
  });

  it('is looked up once for a connection', () => {
    const { find, acquired, released, connection } = profiles();
    for (const authority of ['a', 'a', 'b', 'a', 'b']) find({ authority });
    expect(acquired).toEqual(['a:80', 'b:80']);
    connection.release();
    expect(released).toEqual(['a:80', 'b:80']);
  });

  it('pushes the oldest out when a connection names very many', () => {
    const { find, acquired, released } = profiles();
    for (let i = 0; i < 66; i++) find({ authority: `name-${i}` });
    expect(acquired).toHaveLength(66);
    expect(released).toEqual(['name-0:80', 'name-1:80']);
  });
});
