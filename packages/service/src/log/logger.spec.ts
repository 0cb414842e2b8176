import { describe, expect, it } from '@jest/globals';
import { escapeControls } from './escape.ts';
import { jsonFormat, plainFormat } from './formats.ts';
import { createLogger, type LogFormat, type LogLevel } from './logger.ts';
import { nestLogger } from './nest-logger.ts';

const now = () => Date.UTC(2026, 0, 2, 3, 4, 5, 678);

function linesOf(format: LogFormat, level: LogLevel = 'trace') {
  const lines: string[] = [];
  return { lines, logger: createLogger({ level, format, write: (line) => void lines.push(line), now }) };
}

describe('the plain format', () => {
  it('writes one event as one line of time, level, message and fields', () => {
    const { lines, logger } = linesOf(plainFormat);
    logger.child({ service: 'identity' }).info('certified', { id: 'web', seconds: 20, name: 'two words' });
    expect(lines).toEqual([
      '2026-01-02T03:04:05.678Z  INFO certified service=identity id=web seconds=20 name="two words"\n',
    ]);
  });

  it('keeps text of a peer on its line, whatever it contains', () => {
    const { lines, logger } = linesOf(plainFormat);
    logger.warn('refused\nINFO forged', { identity: 'a\r\nb\u001b[31m"x"\u2028\u202e' });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toBe(
      '2026-01-02T03:04:05.678Z  WARN refused\\nINFO forged identity="a\\r\\nb\\u001b[31m\\"x\\"\\u2028\\u202e"\n',
    );
  });

  it('writes an error with its code, cause by cause', () => {
    const { lines, logger } = linesOf(plainFormat);
    const cause = Object.assign(new Error('connect refused'), { code: 'ECONNREFUSED' });
    logger.error('failed', { error: new Error('no redis', { cause }) });
    expect(lines[0]).toContain('error="no redis: connect refused (ECONNREFUSED)"');
  });

  it('ends on causes that run in a circle', () => {
    const { lines, logger } = linesOf(plainFormat);
    const error: Error & { cause?: unknown } = new Error('round');
    error.cause = error;
    logger.error('failed', { error });
    expect(lines[0]!.length).toBeLessThan(200);
  });

  it('cuts a value that a peer made huge', () => {
    const { lines, logger } = linesOf(plainFormat);
    logger.info('asked', { path: 'x'.repeat(100_000) });
    expect(lines[0]!.length).toBeLessThan(3_000);
  });
});

describe('the JSON format', () => {
  it('writes one object a line, numbers and booleans as such', () => {
    const { lines, logger } = linesOf(jsonFormat);
    logger.info('asked', { path: 'a\nb\u2028', count: 3, ok: true, error: new Error('x'), none: undefined });
    expect(lines[0]!.trimEnd()).not.toMatch(/[\n\u2028]/);
    expect(JSON.parse(lines[0]!)).toEqual({
      timestamp: '2026-01-02T03:04:05.678Z',
      level: 'INFO',
      message: 'asked',
      path: 'a\nb\u2028',
      count: 3,
      ok: true,
      error: 'x',
    });
  });

  it('lets no field pose as the level or the message', () => {
    const { lines, logger } = linesOf(jsonFormat);
    logger.info('real', { level: 'ERROR', message: 'forged' });
    expect(JSON.parse(lines[0]!)).toMatchObject({ level: 'INFO', message: 'real' });
  });
});

describe('levels', () => {
  it.each<[LogLevel, number]>([
    ['trace', 5],
    ['info', 3],
    ['error', 1],
    ['off', 0],
  ])('at %s, %i of five events are written', (level, count) => {
    const { lines, logger } = linesOf(plainFormat, level);
    for (const log of [logger.trace, logger.debug, logger.info, logger.warn, logger.error]) log('event');
    expect(lines).toHaveLength(count);
  });
});

describe("Nest's logger", () => {
  it("writes Nest's messages in the service's format", () => {
    const { lines, logger } = linesOf(plainFormat);
    nestLogger(logger).error('no provider', 'Injector');
    expect(lines[0]).toContain('ERROR no provider target=Injector');
  });
});

describe('escapeControls', () => {
  it('leaves ordinary text of any script alone', () => {
    expect(escapeControls('Grüße, 世界 🙂')).toBe('Grüße, 世界 🙂');
  });
});
