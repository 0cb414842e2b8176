import { readdirSync, readFileSync } from 'node:fs';
import { renderLabels } from './labels.ts';
import type { Registry } from './registry.ts';

/** Of every Linux that Node runs on. */
const pageBytes = 4096;
const seconds = { unit: 'seconds' } as const;
const bytes = { unit: 'bytes' } as const;

/** process_* and proxy_build_info, read from /proc at each scrape. */
export function processMetrics(registry: Registry, build: { version: string; sha: string }): void {
  const counters = {
    cpu: registry.counter('registry', 'process_cpu', 'User and system CPU time spent.', seconds),
    uptime: registry.counter('registry', 'process_uptime', 'Time since the process started.', seconds),
    received: registry.counter(
      'registry',
      'process_network_receive',
      'Bytes that came into the network namespace.',
      bytes,
    ),
    transmitted: registry.counter(
      'registry',
      'process_network_transmit',
      'Bytes that left the network namespace.',
      bytes,
    ),
  };
  const gauges = {
    start: registry.gauge(
      'registry',
      'process_start_time',
      'When the process started, since the epoch.',
      seconds,
    ),
    clock: registry.gauge('registry', 'process_clock_time', 'What time it is, since the epoch.', seconds),
    virtual: registry.gauge('registry', 'process_virtual_memory', 'Virtual memory size.', bytes),
    resident: registry.gauge('registry', 'process_resident_memory', 'Resident memory size.', bytes),
    fds: registry.gauge('registry', 'process_open_fds', 'Number of open file descriptors.'),
    maxFds: registry.gauge('registry', 'process_max_fds', 'Maximum number of open file descriptors.'),
    threads: registry.gauge('registry', 'process_threads', 'Number of threads.'),
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
    counters.cpu.with('').value = (user + system) / 1e6;
    counters.uptime.with('').value = process.uptime();
    const traffic = readOctets();
    counters.received.with('').value = traffic.received;
    counters.transmitted.with('').value = traffic.transmitted;
    gauges.clock.with('').set(Math.floor(Date.now() / 1000));
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

/** What the kernel counts of IP in this network namespace: the pod's, of which nearly all goes through the proxy. */
function readOctets(): { received: number; transmitted: number } {
  const lines = readFileSync('/proc/self/net/netstat', 'latin1').split('\n');
  const [names = [], values = []] = lines
    .filter((line) => line.startsWith('IpExt:'))
    .map((line) => line.split(' '));
  const octets = (name: string): number => Number(values[names.indexOf(name)] ?? 0);
  return { received: octets('InOctets'), transmitted: octets('OutOctets') };
}

function readMaxFds(): number {
  const line = /Max open files\s+(\d+|unlimited)/.exec(readFileSync('/proc/self/limits', 'latin1'));
  return line === null || line[1] === 'unlimited' ? 0 : Number(line[1]);
}
