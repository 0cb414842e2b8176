import { describe, expect, it } from '@jest/globals';
import { parseFilter, severity } from './filter.ts';
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

  it.each([
    ['a level alone', 'info', 'info'],
    ['a level by its number', '4', 'debug'],
    ['a level in capitals', 'linkerd=DEBUG', 'debug'],
    ['a target alone, which is all of it', 'linkerd', 'trace'],
    ['blanks around its clauses', ' warn , linkerd_proxy=info ', 'info'],
    ['the last of two that say different things', 'linkerd=info,linkerd=error', 'error'],
    ['the longer of two targets, wherever it stands', 'linkerd_proxy=debug,linkerd=error', 'debug'],
    ['nothing at all', '', 'warn'],
  ] as const)('may be %s', (_what, text, level) => {
    const { filter, rejected } = parseFilter(text);
    expect(rejected).toEqual([]);
    expect(filter.severityOf('linkerd_proxy')).toBe(severity[level]);
  });

  it('keeps quiet about what no clause speaks of', () => {
    expect(parseFilter('linkerd=info').filter.enabled('other', 'error')).toBe(false);
    expect(parseFilter('off').filter.enabled('linkerd', 'error')).toBe(false);
    expect(parseFilter('[{request}]=debug').filter.enabled('linkerd', 'error')).toBe(false);
  });

  it.each([
    'warn,[{headers}]=off,[{request}]=off',
    'warn,linkerd[http{v=1,w="x"}]=debug',
    'warn,linkerd[http]',
  ])('understands clauses on spans and leaves them without effect: %s', (text) => {
    const { filter, rejected } = parseFilter(text);
    expect(rejected).toEqual([]);
    expect([filter.severityOf('x'), filter.severityOf('linkerd')]).toEqual([severity.warn, severity.warn]);
  });

  it('names the clauses it cannot read, and heeds the others', () => {
    const { filter, rejected } = parseFilter('info,linkerd=loud,=,linkerd=,a b,x=6');
    expect(rejected).toEqual(['linkerd=loud', '=', 'linkerd=', 'a b', 'x=6']);
    expect(filter.enabled('linkerd', 'info')).toBe(true);
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
