import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { patientTimeout } from './patient-timeout.ts';

/** Holds the event loop as a collection or a starved machine does. */
function stall(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

describe('a patient timeout', () => {
  it('does not strike for what arrived while the event loop stood still', async () => {
    const server = createServer((socket) => socket.on('error', () => {}));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const outcome = await new Promise<string>((resolve) => {
      const cancel = patientTimeout(() => resolve('timeout'), 20);
      socket.once('connect', () => {
        cancel();
        resolve('connected');
      });
      stall(100);
    });
    socket.destroy();
    server.close();
    expect(outcome).toBe('connected');
  });

  it('strikes when nothing came, and not after it was cancelled', async () => {
    const struck: string[] = [];
    patientTimeout(() => struck.push('cancelled'), 5)();
    await new Promise<void>((resolve) => {
      patientTimeout(() => {
        struck.push('late');
        resolve();
      }, 10);
    });
    expect(struck).toEqual(['late']);
  });
});
