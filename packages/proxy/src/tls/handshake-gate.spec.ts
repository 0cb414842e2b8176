import { describe, expect, it } from '@jest/globals';
import { HandshakeGate } from './handshake-gate.ts';

describe('the handshake gate', () => {
  it('gives up the oldest for a new one when it is full', () => {
    const gate = new HandshakeGate(2);
    const given: string[] = [];
    const leaveFirst = gate.enter(() => given.push('first'));
    gate.enter(() => given.push('second'));
    gate.enter(() => given.push('third'));
    expect(given).toEqual(['first']);
    leaveFirst();
    gate.enter(() => given.push('fourth'));
    expect(given).toEqual(['first', 'second']);
    expect([gate.size, gate.displaced]).toEqual([2, 2]);
  });

  it('keeps no one who has left', () => {
    const gate = new HandshakeGate(1);
    const given: string[] = [];
    gate.enter(() => given.push('first'))();
    gate.enter(() => given.push('second'));
    expect(given).toEqual([]);
  });
});
