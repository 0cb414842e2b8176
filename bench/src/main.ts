import { parseArguments } from './arguments.ts';
import { runBenchmark } from './benchmark.ts';
import { destroyPodPairs } from './pod-pair.ts';
import { ensurePrerequisites } from './prerequisites.ts';
import { killAll } from './processes.ts';
import { renderDisturbance, renderGoals, renderMemory, renderRow } from './report.ts';
import { MEMORY, ROWS } from './rows.ts';
import { removeWorkDirectories } from './work-directory.ts';

const print = (line: string) => void process.stdout.write(`${line}\n`);

function cleanUp(): void {
  killAll();
  destroyPodPairs();
  removeWorkDirectories();
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    cleanUp();
    process.exit(130);
  });
}

try {
  const options = parseArguments(process.argv.slice(2), [...ROWS.map(({ name }) => name), MEMORY]);
  ensurePrerequisites(print);
  cleanUp();
  const report = await runBenchmark(options, print);
  print('');
  for (const row of report.rows) print(renderRow(row));
  if (report.memory.length > 0) print(renderMemory(report.memory));
  print(renderGoals(report.goals));
  const disturbance = renderDisturbance(report.rows);
  if (disturbance !== undefined) print(disturbance);
  if (options.json) print(JSON.stringify(report));
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  cleanUp();
}
