import Table from 'cli-table3';
import pc from 'picocolors';
import type { MeshEvent } from '../mesh/event-log.ts';
import type { CertificateReport } from './certificates.ts';
import type { EdgeReport } from './document.ts';

/** An edge with its rate of now. */
export interface LiveEdge extends EdgeReport {
  readonly perSecond: number;
}

export interface Scene {
  readonly meshId: string;
  readonly edges: readonly LiveEdge[];
  readonly certificates: readonly CertificateReport[];
  readonly events: readonly MeshEvent[];
  readonly podsReady: number;
  readonly pods: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

const BORDERLESS = Object.fromEntries(
  ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right'].map(
    (name) => [name, ''],
  ),
);
const CHARS = {
  ...BORDERLESS,
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

/** The whole display as lines; `height` limits it, `width` cuts them. */
export function screenLines(scene: Scene, size: { width: number; height: number }): readonly string[] {
  const head = [
    `${pc.bold('weft')} mesh ${scene.meshId}: ${scene.podsReady} of ${scene.pods} pods ready   ${pc.dim('Ctrl-C ends it')}`,
    '',
  ];
  const traffic = edgeTable(scene.edges);
  const certificates = certificateLines(scene.certificates, scene.now);
  const room = Math.max(3, size.height - head.length - traffic.length - certificates.length - 4);
  const events = scene.events.slice(-room).map(eventLine);
  return [...head, ...traffic, '', ...certificates, '', ...events].map((line) => cut(line, size.width));
}

function edgeTable(edges: readonly LiveEdge[]): readonly string[] {
  const head = [
    'FROM',
    'TO',
    'PROTOCOL',
    'ENCRYPTED',
    'CLIENT',
    'SERVER',
    'SUCCESS',
    'RPS',
    'P50',
    'P95',
    'P99',
  ];
  const table = new Table({
    head: head.map((title) => pc.dim(title)),
    chars: CHARS,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
    colAligns: [...Array(6).fill('left'), ...Array(5).fill('right')],
  });
  for (const edge of edges) {
    table.push([
      edge.from,
      `${edge.to}:${edge.port}`,
      edge.protocol,
      edge.tls ? pc.green('yes') : pc.yellow(`no: ${edge.reason}`),
      shortIdentity(edge.clientIdentity),
      shortIdentity(edge.serverIdentity),
      success(edge.successRate),
      edge.perSecond.toFixed(1),
      ...[edge.p50Ms, edge.p95Ms, edge.p99Ms].map((ms) => (ms === null ? '-' : `${ms.toFixed(0)} ms`)),
    ]);
  }
  return table.toString().split('\n');
}

/** One line for each identity: replicas renew about the same time. */
function certificateLines(certificates: readonly CertificateReport[], now: number): readonly string[] {
  const byIdentity = Map.groupBy(certificates, ({ identity }) => identity);
  return [...byIdentity].map(([identity, all]) => {
    const oldest = all.reduce((a, b) => (a.ageSeconds >= b.ageSeconds ? a : b));
    const next = Math.max(0, Math.round((Date.parse(oldest.nextRenewalAt) - now) / 1000));
    const count = all.length > 1 ? ` ×${all.length}` : '';
    const name = shortIdentity(identity) + count;
    return `${pc.dim('certificate')} ${name.padEnd(24)} age ${span(oldest.ageSeconds)}, renewal in ${span(next)}`;
  });
}

export function eventLine({ time, type, subject, message }: MeshEvent): string {
  const colour = type === 'denied' || type === 'failed' ? pc.red : pc.cyan;
  return `${pc.dim(time.slice(11, 19))} ${colour(type.padEnd(13))} ${subject}: ${printable(message)}`;
}

/** `web.shop` of `web.shop.serviceaccount.identity.linkerd.cluster.local`. */
export function shortIdentity(identity: string): string {
  return identity === '' ? '-' : identity.replace(/\.serviceaccount\.identity\..*$/, '');
}

function success(rate: number | null): string {
  if (rate === null) return '-';
  const text = `${(rate * 100).toFixed(rate === 1 ? 0 : 2)}%`;
  return rate < 1 ? pc.red(text) : text;
}

/** A number of seconds as people say it. */
export function span(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3600)} h`;
}

const printable = (text: string) => text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ');

/** Cuts a line to a width, leaving its colours whole. */
function cut(line: string, width: number): string {
  let visible = 0;
  let output = '';
  for (const [part] of line.matchAll(/\u001b\[\d+m|./gu)) {
    if (!part.startsWith('\u001b')) visible += 1;
    if (visible <= width || part.startsWith('\u001b')) output += part;
  }
  return output;
}
