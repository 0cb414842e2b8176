import { describe, expect, it } from '@jest/globals';
import { ReadMemory } from './read-memory.ts';

describe('memory for what is read', () => {
  it('puts pieces side by side', () => {
    const memory = new ReadMemory(100);
    const [one, two] = [memory.take(10), memory.take(20)];
    expect(two.buffer).toBe(one.buffer);
    expect(two.byteOffset).toBe(one.byteOffset + 10);
  });

  it('serves again once all pieces in it have been given back', () => {
    const memory = new ReadMemory(100);
    const [one, two] = [memory.take(10), memory.take(10)];
    ReadMemory.give(one);
    expect(memory.take(10).byteOffset).toBe(20);
    ReadMemory.give(two.subarray(5));
    expect(memory.take(10).byteOffset).toBe(30);
  });

  it('is the same for a stream of pieces each of which comes back', () => {
    const memory = new ReadMemory(100);
    const used = new Set<ArrayBufferLike>();
    for (let count = 0; count < 50; count++) {
      const piece = memory.take(60);
      used.add(piece.buffer);
      ReadMemory.give(piece);
    }
    expect(used.size).toBe(1);
  });

  it('is not touched while a piece of it is out, however many are taken meanwhile', () => {
    const memory = new ReadMemory(100);
    const held = memory.take(60).fill('h');
    for (let count = 0; count < 50; count++) {
      const piece = memory.take(60).fill('x');
      if (count % 3 === 0) ReadMemory.give(piece);
    }
    expect(held.toString()).toBe('h'.repeat(60));
  });

  it('comes back when the slab is not the current one any more', () => {
    const memory = new ReadMemory(100);
    const first = memory.take(60);
    const second = memory.take(60);
    ReadMemory.give(first);
    expect(memory.take(60).buffer).toBe(first.buffer);
    ReadMemory.give(second);
    expect(memory.take(60).buffer).toBe(second.buffer);
  });

  it('is out until every one of several holders has given a part back', () => {
    const memory = new ReadMemory(100);
    const piece = memory.take(60).fill('p');
    ReadMemory.share(piece);
    ReadMemory.share(piece.subarray(30));
    ReadMemory.give(piece);
    ReadMemory.give(piece.subarray(0, 30));
    memory.take(60).fill('x');
    expect(piece.toString()).toBe('p'.repeat(60));
    ReadMemory.give(piece.subarray(30));
    expect([memory.take(60).buffer, memory.take(60).buffer]).toContain(piece.buffer);
  });

  it('takes no notice of memory from elsewhere', () => {
    const memory = new ReadMemory(100);
    const piece = memory.take(60).fill('p');
    ReadMemory.give(Buffer.alloc(60));
    ReadMemory.give(Buffer.from('text'));
    ReadMemory.share(Buffer.from('text'));
    memory.take(60).fill('x');
    expect(piece.toString()).toBe('p'.repeat(60));
  });
});
