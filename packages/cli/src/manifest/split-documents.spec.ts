import { describe, expect, it } from '@jest/globals';
import { splitDocuments } from './split-documents.ts';

describe('splitDocuments', () => {
  it.each([
    ['no input', '', []],
    ['one document without a final line feed', 'a: 1', ['a: 1\n']],
    ['a separator between documents', 'a: 1\n---\nb: 2\n', ['a: 1\n', 'b: 2\n']],
    ['blanks and a comment behind a separator', 'a: 1\n---  # next\nb: 2\n', ['a: 1\n', 'b: 2\n']],
    ['a leading separator', '---\na: 1\n', ['---\na: 1\n']],
    ['two separators in a row', 'a: 1\n---\n---\nb: 2\n', ['a: 1\n', '---\nb: 2\n']],
    ['a separator at the end', 'a: 1\n---\n', ['a: 1\n']],
    ['a blank line after the last separator', 'a: 1\n---\n\n', ['a: 1\n', '\n']],
    ['three separators in a row', 'a: 1\n---\n---\n---\nb: 2\n', ['a: 1\n', '---\n', 'b: 2\n']],
    ['dashes that are no separator', 'a: 1\n----\n--- b\n ---\n', ['a: 1\n----\n--- b\n ---\n']],
    ['lines that end as on Windows', 'a: 1\r\n---\r\nb: 2\r\n', ['a: 1\n', 'b: 2\n']],
  ])('cuts %s', (_, stream, documents) => {
    expect(splitDocuments(stream)).toEqual(documents);
  });
});
