import { describe, expect, it } from '@jest/globals';
import { createLog, type Level, parseLevel } from './log.ts';

const NOW = () => new Date('2026-01-02T03:04:05Z');

function written(format: 'json' | 'plain', threshold: Level, level: Level, message: string): string[] {
  const lines: string[] = [];
  createLog(format, threshold, (line) => lines.push(line), NOW)(level, message);
  return lines;
}

describe('the log', () => {
  it('writes one line an event in either format', () => {
    expect(written('plain', 'info', 'warn', 'a "b"\nc')).toEqual([
      'time="2026-01-02T03:04:05.000Z" level=warn msg="a \\"b\\"\\nc"',
    ]);
    expect(JSON.parse(written('json', 'info', 'error', 'x')[0]!)).toEqual({
      level: 'error',
      msg: 'x',
      time: '2026-01-02T03:04:05.000Z',
    });
  });

  it('keeps what is below its level to itself', () => {
    expect(written('plain', 'warn', 'info', 'x')).toEqual([]);
    expect(written('plain', 'warn', 'warn', 'x')).toHaveLength(1);
  });

  it('knows the names of the levels in any case', () => {
    expect([parseLevel('INFO'), parseLevel('Warning'), parseLevel('loud')]).toEqual([
      'info',
      'warn',
      undefined,
    ]);
  });
});
