import { describe, expect, it } from '@jest/globals';
import { LineSink } from './line-sink.ts';

const nextTurn = () => new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve)));

function sink(capacity = 1000) {
  const written: string[] = [];
  const pending: ((error: Error | null) => void)[] = [];
  let dropped = 0;
  const lines = new LineSink({
    capacity,
    write(bytes, done) {
      written.push(bytes.toString());
      pending.push(done);
    },
    onDropped: (count) => {
      dropped += count;
    },
  });
  const done = async (error: Error | null = null) => {
    pending.shift()?.(error);
    await nextTurn();
  };
  return { lines, written, done, dropped: () => dropped };
}

describe('a sink of lines', () => {
  it('writes the lines of a turn together, one write at a time', async () => {
    const { lines, written, done } = sink();
    lines.write('a');
    lines.write('b');
    await nextTurn();
    lines.write('c');
    await nextTurn();
    expect(written).toEqual(['a\nb\n']);
    await done();
    expect(written).toEqual(['a\nb\n', 'c\n']);
  });

  it('drops and counts what a reader that stalls has no room for, until it reads again', async () => {
    const { lines, written, done, dropped } = sink(10);
    lines.write('12345');
    await nextTurn();
    lines.write('678');
    lines.write('too long');
    expect(dropped()).toBe(1);
    await done();
    lines.write('90');
    await done();
    expect(written).toEqual(['12345\n', '678\n', '90\n']);
  });

  it('counts what could not be written, and goes on', async () => {
    const { lines, written, done, dropped } = sink();
    lines.write('a');
    lines.write('b');
    await nextTurn();
    await done(new Error('EPIPE'));
    expect(dropped()).toBe(2);
    lines.write('c');
    await nextTurn();
    expect(written).toEqual(['a\nb\n', 'c\n']);
  });

  it('gives away what waits at the end', async () => {
    const { lines, written } = sink();
    lines.write('a');
    lines.write('b');
    expect(lines.takeRest().toString()).toBe('a\nb\n');
    await nextTurn();
    expect(written).toEqual([]);
    lines.write('c');
    await nextTurn();
    lines.write('d');
    expect(lines.takeRest()).toHaveLength(0);
  });
});
