import { execFileSync } from 'node:child_process';
import { cpus, release } from 'node:os';
import type { Arguments } from './arguments.ts';
import { startBackend } from './backend.ts';
import { Authority } from './certificates.ts';
import { CONTENDERS, type Contender, type ContenderName } from './contender.ts';
import { startDirect } from './direct.ts';
import { startHaproxyPair } from './haproxy.ts';
import { type Measurement, measure, measureMemory, warmUp } from './measure.ts';
import { isProxyBuilt, startMeshPair, WEFT_PROXY } from './mesh.ts';
import { buildPrograms, type Programs } from './programs.ts';
import { condense, judge, type Report } from './report.ts';
import { MEMORY, ROWS, type Row } from './rows.ts';
import { createWorkDirectory } from './work-directory.ts';

type Print = (line: string) => void;

/** null, with a word why, where it cannot be measured. */
async function startContender(
  name: ContenderName,
  index: number,
  directory: string,
  authority: Authority,
  print: Print,
): Promise<Contender | null> {
  switch (name) {
    case 'direct':
      return startDirect(index);
    case 'haproxy-h1':
    case 'haproxy-h2':
      return startHaproxyPair(name, index, authority, directory);
    case 'weft':
      if (isProxyBuilt()) return startMeshPair(name, WEFT_PROXY, index, authority, directory);
      print('weft: the proxy is not built; only the others are measured (pnpm --filter @weft/proxy build)');
      return null;
    case 'stock': {
      const program = process.env.LINKERD2_PROXY_BIN;
      if (program !== undefined) return startMeshPair(name, program, index, authority, directory);
      print("stock: LINKERD2_PROXY_BIN names no program; Linkerd's own proxy is not measured");
      return null;
    }
  }
}

async function startContenders(
  names: readonly ContenderName[],
  programs: Programs,
  directory: string,
  print: Print,
): Promise<Contender[]> {
  const authority = Authority.create(directory);
  const contenders: Contender[] = [];
  for (const [index, name] of names.entries()) {
    const contender = await startContender(name, index + 1, directory, authority, print);
    if (contender !== null) contenders.push(contender);
  }
  for (const contender of contenders) await startBackend(programs.backend, contender.pods, directory);
  return contenders;
}

function machine(): Report['machine'] {
  const version = (program: string, ...args: string[]) =>
    execFileSync(program, args, { encoding: 'utf8' }).split('\n')[0]!.trim();
  return {
    cpu: cpus()[0]?.model ?? '',
    cpus: cpus().length,
    kernel: release(),
    node: process.version,
    haproxy: version('haproxy', '-v'),
  };
}

/** Each row once for each of its contenders, a different one first in every round. */
async function runRound(
  round: number,
  rows: readonly Row[],
  contenders: readonly Contender[],
  each: (row: Row, contender: Contender) => Promise<void>,
): Promise<void> {
  for (const row of rows) {
    const taking = contenders.filter(({ name }) => row.contenders.includes(name));
    for (let index = 0; index < taking.length; index++)
      await each(row, taking[(index + round) % taking.length]!);
  }
}

async function measureRows(
  { rounds, seconds }: Arguments,
  rows: readonly Row[],
  contenders: readonly Contender[],
  programs: Programs,
  print: Print,
): Promise<Report['rows']> {
  const samples = new Map(rows.map((row) => [row.name, new Map<ContenderName, Measurement[]>()]));
  for (const { name } of rows) for (const contender of contenders) samples.get(name)!.set(contender.name, []);
  for (let round = 0; round < rounds; round++) {
    print(`round ${round + 1} of ${rounds}`);
    await runRound(round, rows, contenders, async (row, contender) => {
      samples
        .get(row.name)!
        .get(contender.name)!
        .push(await measure(programs, row.load, contender, seconds));
    });
  }
  return rows.flatMap((row) => {
    const measured = [...samples.get(row.name)!].filter(([, values]) => values.length > 0);
    return condense(row, new Map(measured));
  });
}

async function measureAllMemory(
  contenders: readonly Contender[],
  programs: Programs,
): Promise<Report['memory']> {
  const proxied = contenders.filter(({ pids }) => pids.length > 0);
  const reports: Report['memory'][number][] = [];
  for (const contender of proxied) {
    reports.push({ contender: contender.name, ...(await measureMemory(programs, contender)) });
  }
  return reports;
}

/** Builds the world and measures what was asked for; taking it down again is the caller's. */
export async function runBenchmark(options: Arguments, print: Print): Promise<Report> {
  const wanted = (name: string) => options.only.length === 0 || options.only.includes(name);
  const rows = ROWS.filter(({ name }) => wanted(name));
  const programs = buildPrograms();
  const names = CONTENDERS.filter(
    (name) => options.contenders.length === 0 || options.contenders.includes(name),
  );
  const contenders = await startContenders(names, programs, createWorkDirectory(), print);
  const memory = wanted(MEMORY) ? await measureAllMemory(contenders, programs) : [];
  for (const contender of contenders) await warmUp(programs, contender);
  const measured = await measureRows(options, rows, contenders, programs, print);
  const { rounds, seconds } = options;
  return { machine: machine(), rounds, seconds, rows: measured, memory, goals: judge(measured) };
}
