import { run } from './run.ts';

const ended = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.once(signal, () => ended.abort(new Error(`ended by ${signal}`)));
const write = (line: string) => void process.stdout.write(`${line}\n`);
process.exit(await run(process.argv.slice(2), { env: process.env, write, signal: ended.signal }));
