import { describe, expect, it } from '@jest/globals';
import { Authority } from '../../tls/certificates.builder.ts';
import { Credentials } from '../../tls/credentials.ts';
import { RecordingLogger } from '../../transport/recording-logger.builder.ts';
import { FakeWallClock } from '../clock.builder.ts';
import { responseOf, SPIFFE_ID, type SvidShape, svidOf } from './spire-agent.builder.ts';
import { type SvidHandler, SvidWatch } from './svid-watch.ts';

/** The life of a certificate here, when a renewal is missed, and the least pause, milliseconds. */
const LIFE = 1_000_000;
const OVERDUE = 700_000;
const LEAST = 10_000;

/** A watch, and the streams it opens. */
class Bench {
  /** A whole second, as certificates know time. */
  readonly clock = new FakeWallClock(Math.floor(Date.now() / 1000) * 1000);
  readonly log = new RecordingLogger();
  readonly root = Authority.root();
  readonly issuer = this.root.issuer();
  readonly credentials = new Credentials([this.root.certificate]);
  /** Of all streams that were opened; `closed` of them are no more. */
  readonly streams: SvidHandler[] = [];
  closed = 0;
  readonly stop = new AbortController();
  readonly watch = new SvidWatch({
    identity: SPIFFE_ID,
    credentials: this.credentials,
    open: (handler) => {
      this.streams.push(handler);
      return () => {
        this.closed += 1;
      };
    },
    clock: this.clock,
    log: this.log,
  });
  readonly done = this.watch.run(this.stop.signal);

  say(shape: SvidShape = {}, by = this.issuer): void {
    const notAfter = new Date(this.clock.now() + LIFE);
    this.streams.at(-1)?.onUpdate(responseOf(svidOf(by, { notAfter, ...shape })));
  }
}

describe('a certificate from SPIRE', () => {
  it('is put to use when it comes, and so is the next one, over the same stream', async () => {
    const bench = new Bench();
    expect(bench.watch.status).toMatchObject({ validUntil: null, installed: 0 });
    bench.say();
    await bench.watch.ready;
    const first = bench.credentials.certified;
    expect(bench.watch.status).toEqual({
      validUntil: bench.clock.now() + LIFE,
      refreshedAt: bench.clock.now(),
      nextAttemptAt: bench.clock.now() + OVERDUE,
      installed: 1,
      rejected: 0,
    });
    bench.say();
    expect(bench.credentials.certified?.leaf.raw).not.toEqual(first?.leaf.raw);
    expect(bench.streams).toHaveLength(1);
    expect(bench.log.lines).toMatchObject([
      { level: 'info', message: 'Certified identity', fields: { id: SPIFFE_ID } },
      { level: 'info' },
    ]);
  });

  it('brings the anchors of its trust domain, and takes away those that are no more', () => {
    const bench = new Bench();
    const next = Authority.root('next');
    bench.say({ bundle: [bench.root, next] });
    expect(bench.credentials.anchors).toHaveLength(2);
    bench.say({ bundle: [next] }, next);
    expect(bench.credentials.bundle?.anchors.map(({ raw }) => raw)).toEqual([next.certificate.raw]);
    bench.say({ bundle: [bench.root] });
    expect(bench.credentials.anchors).toEqual([bench.root.certificate]);
  });

  it('stays when what comes next cannot be used', async () => {
    const bench = new Bench();
    bench.say();
    await bench.watch.ready;
    const good = bench.credentials.certified;
    bench.say({}, Authority.root('stranger'));
    expect(bench.credentials.certified).toBe(good);
    expect(bench.watch.status).toMatchObject({ installed: 1, rejected: 1 });
    expect(bench.log.lines.at(-1)).toMatchObject({
      level: 'error',
      fields: { error: { code: 'untrusted' }, expired: false },
    });
  });

  it('is asked for again over another stream when no renewal has come by 70 % of its life', async () => {
    const bench = new Bench();
    bench.say();
    expect([bench.streams.length, bench.closed]).toEqual([1, 0]);
    await bench.clock.wake(OVERDUE);
    await bench.clock.asleepFor(OVERDUE * 0.3);
    expect([bench.streams.length, bench.closed]).toEqual([2, 1]);
    expect(bench.log.lines.at(-1)).toMatchObject({ level: 'warn', fields: { expired: false } });
    bench.say();
    expect(bench.watch.status.installed).toBe(2);
    expect(bench.clock.now() + OVERDUE).toBe(bench.watch.status.nextAttemptAt);
  });

  it('is asked for every 10 s once it has expired', async () => {
    const bench = new Bench();
    bench.say({ notAfter: new Date(bench.clock.now() + 1000) });
    bench.clock.time += 2000;
    await bench.clock.wake(LEAST);
    await bench.clock.wake(LEAST);
    await bench.clock.asleepFor(LEAST);
    expect(bench.streams).toHaveLength(3);
    expect(bench.log.lines.at(-1)).toMatchObject({ level: 'warn', fields: { expired: true } });
  });

  it('is not asked for any more when the agent refuses for good', async () => {
    const bench = new Bench();
    bench.say();
    bench.streams[0]?.onRefused({ code: 3, message: 'no such thing' });
    expect(bench.watch.status.nextAttemptAt).toBeNull();
    expect(bench.log.lines.at(-1)).toMatchObject({ level: 'error', fields: { reason: 'no such thing' } });
    expect(bench.credentials.certified).not.toBeNull();
  });

  it('is waited for no longer than the proxy runs', async () => {
    const bench = new Bench();
    bench.say();
    bench.stop.abort();
    await bench.done;
    expect([bench.streams.length, bench.closed]).toEqual([1, 1]);
  });
});
