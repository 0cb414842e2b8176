import { execFileSync } from 'node:child_process';
import { expect, it } from '@jest/globals';

it('lines of the access log stay whole and come once, from whatever thread', () => {
  const program = `
    const { createAccessLog, writeToStderr } = await import(${JSON.stringify(new URL('./access-log.ts', import.meta.url).href)});
    const { Registry } = await import(${JSON.stringify(new URL('../metrics/registry.ts', import.meta.url).href)});
    const own = createAccessLog({ filter: '', format: 'plain', access: 'json' }, new Registry(0));
    const line = (from, i) => from + ' ' + i + ' ' + 'x'.repeat(200);
    for (let turn = 0; turn < 200; turn++) {
      for (let i = 0; i < 10; i++) own.write(line('own', turn * 10 + i));
      const others = Array.from({ length: 10 }, (_, i) => line('other', turn * 10 + i) + '\\n').join('');
      writeToStderr(Buffer.from(others), () => {});
      await new Promise((resolve) => setImmediate(resolve));
    }`;
  const options = { encoding: 'utf8', stdio: 'pipe', maxBuffer: 4e6 } as const;
  const text = execFileSync(
    '/bin/sh',
    ['-c', `exec "$0" --input-type=module -e "$1" 2>&1`, process.execPath, program],
    options,
  );
  const lines = text.split('\n').filter((each) => each !== '');
  for (const from of ['own', 'other']) {
    const numbers = lines.flatMap((each) => new RegExp(`^${from} (\\d+) x{200}$`).exec(each)?.[1] ?? []);
    expect(numbers.map(Number)).toEqual(Array.from({ length: 2000 }, (_, i) => i));
  }
  expect(lines).toHaveLength(4000);
});
