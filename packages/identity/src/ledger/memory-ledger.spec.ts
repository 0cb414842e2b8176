import { describe, expect, it } from '@jest/globals';
import { entryOf } from './ledger.builder.ts';
import { MemoryLedger } from './memory-ledger.ts';

describe('the ledger of one process', () => {
  it('gives the latest entries first', async () => {
    const ledger = new MemoryLedger(10);
    for (const serial of ['1', '2', '3']) await ledger.append(entryOf(serial));
    expect((await ledger.latest(2)).map(({ serial }) => serial)).toEqual(['3', '2']);
  });

  it('forgets the oldest entry when it is full', async () => {
    const ledger = new MemoryLedger(3);
    for (const serial of ['1', '2', '3', '4', '5']) await ledger.append(entryOf(serial));
    expect((await ledger.latest(10)).map(({ serial }) => serial)).toEqual(['5', '4', '3']);
  });
});
