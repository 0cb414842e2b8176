import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { propertyRuns } from '../property-runs.builder.ts';
import { answerHeardByNode, answerHeardHere, heardByNode, heardHere } from './oracle.builder.ts';

/** Messages to start from, good ones and others, and every one that was once understood differently here. */
const corpus = (name: string): string[] =>
  JSON.parse(readFileSync(new URL(`./corpus/${name}.json`, import.meta.url), 'utf8'));
const requests = corpus('requests');
const answers = corpus('answers');

/** What parsers disagree about. */
const pieces = [
  '\r',
  '\n',
  '\r\n',
  '\r\n\r\n',
  ' ',
  '\t',
  ':',
  ',',
  ';',
  '0',
  '3',
  '+',
  '\0',
  '\x7f',
  '\xff',
  'x',
  'chunked',
];

interface Edit {
  readonly at: number;
  readonly removed: number;
  readonly inserted: string;
}
const edit: fc.Arbitrary<Edit> = fc.record({
  at: fc.nat(200),
  removed: fc.oneof({ arbitrary: fc.constant(0), weight: 3 }, fc.nat(4)),
  inserted: fc.oneof(fc.constant(''), fc.constantFrom(...pieces)),
});

const mutated = (seeds: readonly string[]) =>
  fc.tuple(fc.constantFrom(...seeds), fc.array(edit, { maxLength: 3 })).map(([seed, edits]) =>
    edits.reduce((text, { at, removed, inserted }) => {
      const from = at % (text.length + 1);
      return text.slice(0, from) + inserted + text.slice(from + removed);
    }, seed),
  );

/**
 * What is borne here and not by Node, and leaves no doubt about where a message ends: chunk extensions, which are
 * dropped whatever they are, with blanks before them (RFC 9112 section 7.1.1); obs-text in a target, which is passed
 * on; schemes that are not letters alone (RFC 3986 section 3.1); a blank or tab behind a transfer coding, which is
 * optional whitespace (RFC 9110 section 5.5).
 */
const borne = [
  /transfer-encoding:[^\n]*[ \t]\r/i,
  /\n[0-9a-f]+[ \t]*;/i,
  /[\x80-\xff][^\n]* HTTP\//,
  / [a-z][a-z0-9+.-]*[0-9+.-][a-z0-9+.-]*:\/\//i,
];
const isBorne = (bytes: string): boolean => borne.some((pattern) => pattern.test(bytes));

async function expectSameRequests(bytes: string): Promise<void> {
  const here = heardHere(bytes);
  const node = await heardByNode(bytes.slice(0, here.taken));
  expect(node).toEqual(isBorne(bytes) ? here.requests.slice(0, node.length) : here.requests);
}

async function expectSameAnswer(bytes: string, closed: boolean): Promise<void> {
  const { heard, taken } = await answerHeardHere(bytes, closed);
  if (heard === null) return;
  const node = await answerHeardByNode(bytes.slice(0, taken), closed);
  if (node !== null || !isBorne(bytes)) expect(node).toEqual(heard);
}

describe('requests with a few bytes changed', () => {
  it.each(requests)("%j is heard as Node's strict parser hears it, or not at all", expectSameRequests);

  it("are heard as Node's strict parser hears them, or not at all", async () => {
    await fc.assert(fc.asyncProperty(mutated(requests), expectSameRequests), propertyRuns(300));
  });
});

describe('answers with a few bytes changed', () => {
  it.each(answers)("%j is heard as Node's strict parser hears it, or not at all", async (bytes) => {
    await expectSameAnswer(bytes, false);
    await expectSameAnswer(bytes, true);
  });

  it("are heard as Node's strict parser hears them, or not at all", async () => {
    await fc.assert(fc.asyncProperty(mutated(answers), fc.boolean(), expectSameAnswer), propertyRuns(300));
  });

  it('are heard at all where they are good, so that the comparison means something', async () => {
    expect((await answerHeardHere(answers[0] ?? '', false)).heard).toMatchObject({
      status: 200,
      body: 'abc',
    });
    expect(await answerHeardByNode(answers[0] ?? '', false)).toMatchObject({ status: 200, body: 'abc' });
  });
});
