import { readdirSync, readFileSync } from 'node:fs';
import { renderLabels } from './labels.ts';
import type { Registry } from './registry.ts';

/** Of every Linux that Node runs on. */
const pageBytes = 4096;

/** process_* and proxy_build_info, read from /proc at each scrape. */
export function processMetrics(registry: Registry, build: { version: string; sha: string }): void {
  const cpu = registry.counter(
    'legacy',
    'process_cpu_seconds_total',
    'User and system CPU time spent, in seconds.',
  );
  const gauges = {
    start: registry.gauge(
      'legacy',
      'process_start_time_seconds',
      'Time that the process started, in seconds since the epoch.',
    ),
    virtual: registry.gauge('legacy', 'process_virtual_memory_bytes', 'Virtual memory size in bytes.'),
    resident: registry.gauge('legacy', 'process_resident_memory_bytes', 'Resident memory size in bytes.'),
    fds: registry.gauge('legacy', 'process_open_fds', 'Number of open file descriptors.'),
    maxFds: registry.gauge('legacy', 'process_max_fds', 'Maximum number of open file descriptors.'),
    threads: registry.gauge('registry', 'process_threads', 'Number of threads.'),
    uptime: registry.gauge('registry', 'process_uptime', 'Seconds since the process started.', {
      unit: 'seconds',
    }),
  };
  overflowMetric(registry);
  const info = registry.gauge('registry', 'proxy_build_info', 'What this program was built from.');
  info
    .with(
      renderLabels([
        ['date', ''],
        ['git_sha', build.sha],
        ['profile', 'release'],
        ['vendor', 'weft'],
        ['version', build.version],
      ]),
    )
    .set(1);
  gauges.maxFds.with('').set(readMaxFds());
  const startedAt = Date.now() / 1000 - process.uptime();
  gauges.start.with('').set(Math.floor(startedAt));

  registry.collect(() => {
    const { user, system } = process.cpuUsage();
    cpu.with('').value = (user + system) / 1e6;
    gauges.uptime.with('').set(process.uptime());
    const stat = readStat();
    gauges.virtual.with('').set(stat.virtualBytes);
    gauges.resident.with('').set(stat.residentPages * pageBytes);
    gauges.threads.with('').set(stat.threads);
    gauges.fds.with('').set(readdirSync('/proc/self/fd').length);
  });
}

/** How often this registry was full. */
export function overflowMetric(registry: Registry): void {
  const overflow = registry.gauge(
    'registry',
    'proxy_metrics_overflow',
    'Label sets counted under other because their family was full.',
  );
  registry.collect(() => overflow.with('').set(registry.overflow));
}

/** Fields of /proc/self/stat, counted after the command, which may hold blanks and brackets. */
function readStat(): { threads: number; virtualBytes: number; residentPages: number } {
  const text = readFileSync('/proc/self/stat', 'latin1');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { threads: Number(fields[17]), virtualBytes: Number(fields[20]), residentPages: Number(fields[21]) };
}

function readMaxFds(): number {
  const line = /Max open files\s+(\d+|unlimited)/.exec(readFileSync('/proc/self/limits', 'latin1'));
  return line === null || line[1] === 'unlimited' ? 0 : Number(line[1]);
}
