import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { prepare, root, run } from './prepare.mjs';

const tested = [
  'proto',
  'e2e',
  'bench',
  'deploy/charts',
  ...readdirSync(join(root, 'packages')).map((name) => `packages/${name}`),
];
const resultsOf = (folder) => join(root, folder, '.results');

/** What has no totals of its own counts as one failed test when it fails. */
const steps = [
  {
    name: 'types, lint and tests of every package',
    tests: true,
    command: [
      'turbo',
      'run',
      'check',
      'lint',
      'test',
      '--continue',
      '--concurrency=2',
      '--output-logs=new-only',
    ],
  },
  {
    name: 'import rules',
    command: ['depcruise', '--config', 'tools/dependency-cruiser.mjs', 'proto', 'packages', 'bench', 'e2e'],
  },
  {
    name: 'lint of everything else',
    command: ['biome', 'check', 'scripts', 'tools', 'deploy', 'package.json'],
  },
  { name: 'end to end', tests: true, command: ['pnpm', '--filter', '@weft/e2e', 'run', 'test:e2e'] },
  {
    name: 'beside a stock Linkerd proxy',
    tests: true,
    command: ['pnpm', '--filter', '@weft/proxy', 'run', 'test:interop'],
  },
  {
    name: 'on a Kubernetes',
    tests: true,
    command: ['pnpm', '--filter', '@weft/e2e', 'run', 'test:cluster'],
  },
];

async function passes({ name, command: [program, ...args] }, env) {
  console.log(`\n== ${name}`);
  return (await run(program, args, { env })) === 0;
}

function totals() {
  const sum = { passed: 0, failed: 0 };
  for (const folder of tested) {
    if (!existsSync(resultsOf(folder))) continue;
    for (const file of readdirSync(resultsOf(folder)).filter((name) => name.startsWith('totals'))) {
      const { passed, failed } = JSON.parse(readFileSync(join(resultsOf(folder), file), 'utf8'));
      sum.passed += passed;
      sum.failed += failed;
    }
  }
  return sum;
}

const broken = [];
try {
  const env = await prepare();
  for (const folder of tested) rmSync(resultsOf(folder), { recursive: true, force: true });
  for (const step of steps) {
    const failedBefore = totals().failed;
    const passed = await passes(step, env);
    // A step that failed without a failed test broke before or beside its tests.
    if (!passed && !(step.tests && totals().failed > failedBefore)) broken.push(step.name);
  }
} catch (error) {
  broken.push(error.message);
}
for (const name of broken) console.error(`failed: ${name}`);
const { passed, failed } = totals();
console.log(`${passed} passed, ${failed + broken.length} failed`);
process.exit(failed + broken.length === 0 && passed > 0 ? 0 : 1);
