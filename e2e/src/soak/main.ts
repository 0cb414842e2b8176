import { parseOptions } from './options.ts';
import { render } from './report.ts';
import { soak } from './soak.ts';

const ending = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => ending.abort());

const MINUTE_MS = 60_000;
/**
 * Proxies collect every 10 s, and a floor is what is held right after that. A whole fraction of the 10 s would be at the
 * same distance from it for minutes, and then at another.
 */
const SAMPLE_MS = 1700;

try {
  const { minutes, asIs, json } = parseOptions(process.argv.slice(2));
  const durationMs = minutes * MINUTE_MS;
  const report = await soak({
    durationMs,
    warmUpMs: durationMs / 6,
    windowMs: durationMs / (asIs ? 6 : 30),
    sampleMs: SAMPLE_MS,
    collect: !asIs,
    leafLifetime: '60s',
    pace: { replicas: 15_000, policy: 10_000, restart: 4 * MINUTE_MS, issuer: 5 * MINUTE_MS },
    hurry: { replicas: 4000, policy: 1000, restart: MINUTE_MS / 2, issuer: MINUTE_MS / 2 },
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
