import { execFileSync } from 'node:child_process';
import { expect, it } from '@jest/globals';

/** Prints what the main thread's clock shows, what a worker makes of it meanwhile, and what it shows then. */
const program = `
  import { Worker } from 'node:worker_threads';
  const module = ${JSON.stringify(new URL('./shared-clock.ts', import.meta.url).href)};
  const { clockZero } = await import(module);
  const source = \`
    import { parentPort, workerData } from 'node:worker_threads';
    const { clockOf } = await import(workerData.module);
    const now = clockOf(workerData.zero);
    parentPort.on('message', () => parentPort.postMessage(now()));
    parentPort.postMessage('ready');\`;
  const workerData = { zero: clockZero(), module };
  const worker = new Worker(new URL('data:text/javascript,' + encodeURIComponent(source)), { workerData, execArgv: [] });
  const next = () => new Promise((resolve) => worker.once('message', resolve));
  await next();
  const times = [];
  for (let i = 0; i < 10; i++) {
    const before = performance.now();
    const answer = next();
    worker.postMessage('now');
    times.push([before, await answer, performance.now()]);
  }
  await worker.terminate();
  console.log(JSON.stringify(times));`;

it('the clock of a thread can be told by another', () => {
  const text = execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
  for (const [before, told, after] of JSON.parse(text) as [number, number, number][]) {
    expect(told).toBeGreaterThan(before - 0.05);
    expect(told).toBeLessThan(after + 0.05);
  }
});
