import { describe, expect, it } from '@jest/globals';
import { edgeReport, sortedEdges } from './document.ts';
import { anAddressBook, anObservedPod, anOutboundSample } from './observe.builder.ts';
import { type Scene, screenLines, shortIdentity, span } from './screen.ts';
import { TrafficLedger } from './traffic-ledger.ts';
import { Window } from './window.ts';

const plain = (line: string) => line.replace(/\u001b\[\d+m/g, '').trimEnd();

const scene = (other: Partial<Scene> = {}): Scene => ({
  meshId: 'a1b2c3',
  pods: 2,
  podsReady: 1,
  edges: [],
  certificates: [],
  events: [],
  now: 0,
  ...other,
});

function ledgerOf(...counts: number[]): TrafficLedger {
  const ledger = new TrafficLedger();
  for (const count of counts) {
    ledger.addOutbound(anObservedPod('web'), [anOutboundSample('request_total', count)], anAddressBook([]));
  }
  return ledger;
}

describe('the screen', () => {
  it('shows each edge with its encryption and its rate', () => {
    const edges = ledgerOf(10).entries.map((entry) => ({ ...edgeReport(entry), perSecond: 2.5 }));
    const lines = screenLines(scene({ edges }), { width: 200, height: 40 }).map(plain);
    expect(lines[0]).toMatch(/^weft mesh a1b2c3: 1 of 2 pods ready/);
    expect(lines.find((line) => line.startsWith('shop/web'))).toMatch(
      /shop\/orders:50051 +HTTP +yes +web\.shop +orders\.shop +- +2\.5/,
    );
  });

  it('keeps within the width of the terminal', () => {
    const edges = ledgerOf(10).entries.map((entry) => ({ ...edgeReport(entry), perSecond: 2.5 }));
    for (const line of screenLines(scene({ edges }), { width: 40, height: 40 })) {
      expect(plain(line).length).toBeLessThanOrEqual(40);
    }
  });

  it('prints nothing of an event that could move the cursor', () => {
    const event = {
      time: '2026-03-01T10:00:00.000Z',
      type: 'failed',
      subject: 'shop/web',
      message: 'a\u001b[2Jb',
    } as const;
    const lines = screenLines(scene({ events: [event] }), { width: 100, height: 40 });
    expect(lines.map(plain).at(-1)).toBe('10:00:00 failed        shop/web: a [2Jb');
  });

  it('says times and identities shortly', () => {
    expect([span(90), span(600), span(80_000)]).toEqual(['90 s', '10 min', '22 h']);
    expect(shortIdentity(anObservedPod('web').identity)).toBe('web.shop');
  });
});

describe('the window', () => {
  it('forgets what was counted before it', () => {
    const window = new Window(10_000);
    const ledger = ledgerOf(100);
    window.advance(ledger.entries, 0);
    ledger.addOutbound(anObservedPod('web'), [anOutboundSample('request_total', 30)], anAddressBook([]));
    const { entries, seconds } = window.advance(ledger.entries, 6000);
    expect([entries[0]?.counts.requests, seconds]).toEqual([30, 6]);
  });
});

describe('edges', () => {
  it('stand in the order of client, server and port', () => {
    const edge = edgeReport(ledgerOf(1).entries[0]!);
    const ports = sortedEdges([443, 80, 8080].map((port) => ({ ...edge, port }))).map(({ port }) => port);
    expect(ports).toEqual([80, 443, 8080]);
  });
});
