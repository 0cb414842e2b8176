import { awaitProxy } from './await-proxy.ts';

const say = (line: string) => void process.stderr.write(`linkerd-await: ${line}\n`);
process.exit(await awaitProxy(process.argv.slice(2), { env: process.env, say }));
