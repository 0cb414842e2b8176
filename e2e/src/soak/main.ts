import { parseOptions } from './options.ts';
import { render } from './report.ts';
import { soak } from './soak.ts';

const ending = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => ending.abort());

const MINUTE_MS = 60_000;

try {
  const { minutes, asIs, json } = parseOptions(process.argv.slice(2));
  const durationMs = minutes * MINUTE_MS;
  const report = await soak({
    durationMs,
    warmUpMs: durationMs / 6,
    windowMs: durationMs / (asIs ? 6 : 30),
    sampleMs: 2000,
    collect: !asIs,
    leafLifetime: '60s',
    pace: { replicas: 15_000, policy: 10_000, restart: 4 * MINUTE_MS, issuer: 5 * MINUTE_MS },
    hurry: { replicas: 6000, policy: 2000, restart: MINUTE_MS, issuer: MINUTE_MS },
    progressMs: 15_000,
    progress: (line) => process.stderr.write(`${line}\n`),
    signal: ending.signal,
  });
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : render(report));
  process.exitCode = report.failures.length === 0 ? 0 : 1;
} catch (error) {
  process.stderr.write(`soak: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
