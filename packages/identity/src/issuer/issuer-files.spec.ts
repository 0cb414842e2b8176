import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readIssuerFiles } from './issuer-files.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'weft-issuer-'));
  writeFileSync(join(directory, 'ca.crt'), 'anchors');
});
afterEach(() => rmSync(directory, { recursive: true }));

describe('the files of an issuer', () => {
  it.each([
    ['linkerd.io/tls', 'crt.pem', 'key.pem'],
    ['kubernetes.io/tls', 'tls.crt', 'tls.key'],
  ] as const)('have the names of the scheme %s', async (scheme, certificate, key) => {
    writeFileSync(join(directory, certificate), 'certificate');
    writeFileSync(join(directory, key), 'key');
    const bundle = await readIssuerFiles({ directory, scheme, anchorsFile: join(directory, 'ca.crt') });
    expect(bundle).toEqual({ certChainPem: 'certificate', keyPem: 'key', anchorsPem: 'anchors' });
  });

  it('are named when they cannot be read', async () => {
    const location = { directory, scheme: 'linkerd.io/tls', anchorsFile: join(directory, 'ca.crt') } as const;
    await expect(readIssuerFiles(location)).rejects.toMatchObject({
      code: 'unreadable',
      message: expect.stringMatching(/\.pem cannot be read$/),
    });
  });
});
