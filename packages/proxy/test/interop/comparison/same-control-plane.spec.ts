import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { weft } from '../../proxy-program.builder.ts';
import { linkerd } from '../makes.builder.ts';
import { adminProbes } from './admin-probes.builder.ts';
import { ComparedWorld } from './compared-world.builder.ts';
import { deliberate } from './deliberate-differences.builder.ts';
import { compareAnswers, compareMetrics, type Difference, text } from './difference.builder.ts';
import { inboundProbes, inboundProbesApart } from './inbound-probes.builder.ts';
import { type Metrics, readMetrics } from './metrics.builder.ts';
import type { Observed } from './observed.builder.ts';
import { outboundProbes, outboundProbesApart } from './outbound-probes.builder.ts';
import type { Probe } from './probe.builder.ts';

const named = (group: string, probes: Probe[]): Probe[] =>
  probes.map(({ name, ask }) => ({ name: `${group}, ${name}`, ask }));

const counted = [
  ...named('outbound', outboundProbes),
  ...named('inbound', inboundProbes),
  ...named('admin', adminProbes),
];
const apart = [...named('outbound', outboundProbesApart), ...named('inbound', inboundProbesApart)];

interface Run {
  readonly answers: ReadonlyMap<string, Observed>;
  readonly metrics: Metrics;
}

async function look(world: ComparedWorld): Promise<Run> {
  const answers = new Map<string, Observed>();
  for (const { name, ask } of counted) answers.set(name, await ask(world));
  const { text: page } = await world.proxy.admin('/metrics');
  for (const { name, ask } of apart) answers.set(name, await ask(world));
  return { answers, metrics: readMetrics(page) };
}

const isMeant = (difference: Difference) => deliberate.some(({ covers }) => covers(difference));
const mistakes = (differences: Difference[]) => differences.filter((each) => !isMeant(each)).map(text);

describe('under the same control plane', () => {
  let stock: Run;
  let own: Run;
  const compared = (name: string) =>
    compareAnswers(name, stock.answers.get(name) ?? {}, own.answers.get(name) ?? {});

  beforeAll(async () => {
    const world = await ComparedWorld.start();
    try {
      stock = await world.run(linkerd, () => look(world));
      own = await world.run(weft, () => look(world));
    } finally {
      await world.stop();
    }
  }, 180_000);

  it.each([...counted, ...apart])('both answer alike: $name', ({ name }) => {
    expect(Object.keys(stock.answers.get(name) ?? {})).not.toEqual([]);
    expect(mistakes(compared(name))).toEqual([]);
  });

  it('both show the same in their metrics', () => {
    expect(mistakes(compareMetrics(stock.metrics, own.metrics))).toEqual([]);
  });

  describe('differences that are meant', () => {
    const page = readFileSync(new URL('../../../../../docs/differences.md', import.meta.url), 'utf8');

    it.each(deliberate)('$name', ({ name, covers }) => {
      const all = [
        ...[...counted, ...apart].flatMap((probe) => compared(probe.name)),
        ...compareMetrics(stock.metrics, own.metrics),
      ];
      expect(page).toContain(name);
      expect(all.filter(covers).map(text)).not.toEqual([]);
    });
  });
});
