import { describe, expect, it } from '@jest/globals';
import { parseFilter } from './filter.ts';
import { formatJson, formatPlain } from './format.ts';
import { LogHub, type LogRecord } from './logger.ts';

const record = (over: Partial<LogRecord> = {}): LogRecord => ({
  level: 'info',
  target: 'linkerd_proxy',
  message: 'hello',
  fields: {},
  time: 1_000_001.5,
  ...over,
});

describe('a log filter', () => {
  it('lets the longest matching target decide', () => {
    const { filter } = parseFilter('warn,linkerd=info,linkerd_tls=off');
    expect(filter.enabled('other', 'warn')).toBe(true);
    expect(filter.enabled('other', 'info')).toBe(false);
    expect(filter.enabled('linkerd_proxy', 'info')).toBe(true);
    expect(filter.enabled('linkerd_tls', 'error')).toBe(false);
  });

  it('understands span clauses and leaves them without effect', () => {
    const { filter, rejected } = parseFilter('warn,[{headers}]=off,[{request}]=off');
    expect(rejected).toEqual([]);
    expect(filter.enabled('x', 'warn')).toBe(true);
  });

  it('names the clauses it cannot read', () => {
    expect(parseFilter('info,linkerd=loud,=').rejected).toEqual(['linkerd=loud', '=']);
  });
});

describe('a log line', () => {
  it('has uptime, level, target, message and fields', () => {
    expect(formatPlain(record({ fields: { port: 4143, text: 'a b' } }), 1_000_000)).toBe(
      '[     0.001500s]  INFO ThreadId(01) linkerd_proxy: hello port=4143 text="a b"',
    );
  });

  it('never holds a control character of a peer', () => {
    expect(formatPlain(record({ message: 'a\nb\x1b[31m' }), 0)).toContain('a\\x0ab\\x1b[31m');
  });

  it('shows an error with its causes', () => {
    const error = new Error('cannot connect', { cause: new Error('refused') });
    expect(formatPlain(record({ fields: { error } }), 0)).toContain('error="cannot connect: refused"');
    expect(JSON.parse(formatJson(record({ fields: { error } }))).fields.error).toBe(
      'cannot connect: refused',
    );
  });
});

describe('the log hub', () => {
  it('changes its filter while running and feeds subscribers regardless of it', () => {
    const written: string[] = [];
    const streamed: string[] = [];
    const hub = new LogHub(parseFilter('warn').filter, (r) => written.push(r.message));
    const log = hub.logger('linkerd_x');
    log.info('one');
    hub.setFilter(parseFilter('info').filter);
    const stop = hub.subscribe((r) => streamed.push(r.message));
    log.info('two');
    log.debug('three');
    stop();
    log.debug('four');
    expect(written).toEqual(['two']);
    expect(streamed).toEqual(['two', 'three']);
  });

  it('knows whether a level is heard by anybody', () => {
    const hub = new LogHub(parseFilter('warn,linkerd=info').filter, () => {});
    const log = hub.logger('linkerd_x');
    const heard = () => [log.enabled('info'), log.enabled('debug'), hub.logger('other').enabled('info')];
    expect(heard()).toEqual([true, false, false]);
    const stop = hub.subscribe(() => {});
    expect(heard()).toEqual([true, true, true]);
    stop();
    expect(heard()).toEqual([true, false, false]);
    hub.setFilter(parseFilter('off,linkerd=debug').filter);
    expect(heard()).toEqual([true, true, false]);
  });
});
