import { CommanderError } from 'commander';
import { run } from './run.ts';

try {
  await run(process.argv.slice(2));
} catch (error) {
  if (error instanceof CommanderError) process.exit(error.exitCode);
  process.stderr.write(`weft-proxy-init: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
