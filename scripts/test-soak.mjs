import { join } from 'node:path';
import { prepare, root, run } from './prepare.mjs';

const env = await prepare();
const args = [join(root, 'e2e', 'src', 'soak', 'main.ts'), ...process.argv.slice(2)];
process.exit(await run('node', args, { env }));
