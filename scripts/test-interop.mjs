import { prepare, run } from './prepare.mjs';

const env = await prepare();
const args = ['--filter', '@weft/proxy', 'run', 'test:interop', ...process.argv.slice(2)];
process.exit(await run('pnpm', args, { env }));
