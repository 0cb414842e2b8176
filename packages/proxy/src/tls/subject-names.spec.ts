import { describe, expect, it } from '@jest/globals';
import { Authority, dnsName, emailName, uriName } from './certificates.builder.ts';
import { DerError } from './der-reader.ts';
import { hasIdentity, subjectNames } from './subject-names.ts';

const root = Authority.root();
const namesOf = (...names: Buffer[]) => subjectNames(root.sign({ names }).raw);

describe('the names of a certificate', () => {
  it('are its DNS names and URIs in their order', () => {
    const names = namesOf(
      emailName('a@b.c'),
      uriName('spiffe://td/ns/a'),
      dnsName('Web.NS.example'),
      dnsName('b'),
    );
    expect(names).toEqual([
      { kind: 'uri', name: 'spiffe://td/ns/a' },
      { kind: 'dns', name: 'web.ns.example' },
      { kind: 'dns', name: 'b' },
    ]);
  });

  it('are none without the extension, whatever the subject says', () => {
    expect(subjectNames(root.sign({ commonName: 'web.ns.example' }).raw)).toEqual([]);
    expect(subjectNames(root.certificate.raw)).toEqual([]);
  });

  it.each([
    ['a trailing dot', 'web.ns.'],
    ['a NUL', 'web.ns\0.evil'],
    ['another name behind a comma', 'evil, DNS:web.ns'],
    ['quotes', '"web.ns"'],
    ['a wildcard', '*.ns'],
    ['a blank', 'web ns'],
    ['an empty label', 'web..ns'],
    ['nothing', ''],
    ['more than 253 characters', 'a.'.repeat(127)],
    ['letters beyond ASCII', 'w\xebb.ns'],
  ])('leave out a DNS name with %s', (_, hostile) => {
    expect(namesOf(dnsName(hostile), dnsName('real.ns'))).toEqual([{ kind: 'dns', name: 'real.ns' }]);
  });

  it.each(['no-scheme', 'spiffe://td/a\0b', 'spiffe://td/a b', 'spiffe://td/\x7f'])(
    'leave out the URI %j',
    (uri) => {
      expect(namesOf(uriName(uri))).toEqual([]);
    },
  );

  it('are compared whole', () => {
    const names = namesOf(dnsName('web.ns.example'), uriName('spiffe://td/ns/a'));
    expect(hasIdentity(names, 'Web.ns.example')).toBe(true);
    expect(hasIdentity(names, 'spiffe://td/ns/a')).toBe(true);
    for (const other of ['ns.example', 'web.ns.example.', 'spiffe://td/ns', 'spiffe://TD/ns/a', '']) {
      expect(hasIdentity(names, other)).toBe(false);
    }
  });

  it('are refused, not misread, in bytes that are not a certificate', () => {
    const { raw } = root.sign({ names: [dnsName('web')] });
    for (let cut = 1; cut < raw.length; cut++)
      expect(() => subjectNames(raw.subarray(0, cut))).toThrow(DerError);
    expect(subjectNames(Buffer.alloc(0))).toEqual([]);
  });
});
