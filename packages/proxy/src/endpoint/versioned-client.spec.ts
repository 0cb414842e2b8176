import { describe, expect, it } from '@jest/globals';
import { FakeClient, requestHead } from '../exchange/exchange.builder.ts';
import { RecordedResponse } from '../http1/recording-response.builder.ts';
import { VersionedClient } from './versioned-client.ts';

class Fixture {
  readonly http2 = new FakeClient();
  readonly http1: FakeClient[] = [];
  readonly client = new VersionedClient(() => {
    const made = new FakeClient();
    this.http1.push(made);
    return made;
  }, this.http2);

  send(version: '1.1' | '2'): void {
    this.client.request(requestHead({ version }), true, new RecordedResponse());
  }
}

describe('a client of both versions', () => {
  it('sends each request in the version it is in, over one HTTP/1 client', () => {
    const fixture = new Fixture();
    fixture.send('2');
    expect(fixture.http1).toHaveLength(0);
    fixture.send('1.1');
    fixture.send('1.1');
    expect(fixture.http2.events).toEqual(['GET / ended']);
    expect(fixture.http1.map(({ events }) => events)).toEqual([['GET / ended', 'GET / ended']]);
  });

  it('is ready when HTTP/2 is, and says so when that changes', () => {
    const { client, http2 } = new Fixture();
    http2.ready = false;
    expect(client.ready).toBe(false);
    const heard: boolean[] = [];
    client.onReadyChange = (ready) => heard.push(ready);
    http2.onReadyChange?.(true);
    expect(heard).toEqual([true]);
    client.onReadyChange = null;
    expect(http2.onReadyChange).toBeNull();
  });

  it('closes what it has made, and nothing it has not', () => {
    const unused = new Fixture();
    unused.client.close();
    expect(unused.http2.events).toEqual(['close']);
    expect(unused.http1).toHaveLength(0);
    const used = new Fixture();
    used.send('1.1');
    used.client.close();
    expect(used.http1[0].events).toEqual(['GET / ended', 'close']);
  });
});
