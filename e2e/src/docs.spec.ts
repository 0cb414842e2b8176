import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createProgram } from '@weft/cli';
import { anchorsOf, callsOfWeft, linksOf, mentions, ROOT, readPages, readSources } from './docs/pages.ts';

const pages = readPages();
const sources = readSources();
const manuals = pages.filter(({ path }) => path.startsWith('docs/'));
const aboutMetrics = manuals.filter(({ path }) => /(metrics-and-logs|troubleshooting)\.md$/.test(path));

/** The mistake that a recipe makes on purpose. */
const MISSPELT = 'config.linkerd.io/skip-inbond-ports';
/** Its own port, which no chart sets. */
const API_SERVER = '6443';

function isAnnotation(key: string): boolean {
  return sources.includes(key) || sources.includes(`'${key.slice(key.indexOf('/') + 1)}'`);
}

/** Families are registered without their unit, some as what follows a direction or a protocol. */
function isMetric(name: string): boolean {
  const family = name.replace(/_(total|seconds|bytes)$/, '');
  if (sources.includes(family)) return true;
  const tails = [...family.matchAll(/_/g)].map(({ index }) => family.slice(index + 1));
  return tails.some((tail) => ["'", '}_'].some((before) => sources.includes(`${before}${tail}`)));
}

type Command = ReturnType<typeof createProgram>;

/** Options that a call names and its command does not have. */
function unknownOptions(words: readonly string[]): string[] {
  const program = createProgram();
  let command: Command = program;
  for (const word of words) {
    const next = command.commands.find((one) => one.name() === word || one.aliases().includes(word));
    if (next === undefined) break;
    command = next;
  }
  if (command === program) return [words.join(' ')];
  const known = [...program.options, ...command.options].flatMap(({ long, short }) => [long, short]);
  return words
    .filter((word) => /^--?[a-z]/i.test(word))
    .map((word) => word.replace(/=.*$/, '').replace(/[.,:)]+$/, ''))
    .filter((word) => !known.includes(word));
}

describe('the documentation', () => {
  it('has no link that leads nowhere', () => {
    const broken = pages.flatMap((page) =>
      linksOf(page).flatMap(({ target, anchor }) => {
        if (!existsSync(join(ROOT, target))) return [`${page.path}: ${target}`];
        const other = pages.find(({ path }) => path === target);
        if (anchor === undefined || other === undefined || anchorsOf(other).has(anchor)) return [];
        return [`${page.path}: ${target}#${anchor}`];
      }),
    );
    expect(broken).toEqual([]);
  });

  it('names no annotation that nothing reads', () => {
    const named = mentions(pages, /\bconfig\.(?:alpha\.|beta\.)?linkerd\.io\/[a-z][a-z-]+[a-z]/g);
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter(({ name }) => name !== MISSPELT && !isAnnotation(name))).toEqual([]);
  });

  it('calls weft with commands and options that it has', () => {
    const calls = callsOfWeft(manuals);
    expect(calls.length).toBeGreaterThan(40);
    expect(
      calls.flatMap(({ page, words }) => unknownOptions(words).map((option) => `${page}: ${option}`)),
    ).toEqual([]);
  });

  it('names no metric that nobody counts', () => {
    const named = mentions(aboutMetrics, /`(?<it>[a-z]+(?:_[a-z0-9]+)+)(?=[`{ ])/g);
    expect(named.length).toBeGreaterThan(60);
    expect(named.filter(({ name }) => !isMetric(name))).toEqual([]);
  });

  it('names no port that the charts do not know', () => {
    const ports = mentions(
      pages.filter(({ path }) => path === 'docs/ports-and-flows.md'),
      /(?<=[| ,])(?<it>\d{4,5})(?=[ ,|])/g,
    );
    expect(ports.length).toBeGreaterThan(20);
    const isKnown = (port: string) => port === API_SERVER || new RegExp(`\\b${port}\\b`).test(sources);
    expect(ports.filter(({ name }) => !isKnown(name))).toEqual([]);
  });

  it('sets no value that the charts do not have', () => {
    const set = mentions(manuals, /--set(?:-file)? (?<it>[A-Za-z.]+)=/g);
    expect(set.length).toBeGreaterThan(5);
    const leaf = ({ name }: { name: string }) => name.split('.').at(-1)!;
    expect(set.filter((one) => one.name !== 'key' && !sources.includes(`${leaf(one)}:`))).toEqual([]);
  });
});
