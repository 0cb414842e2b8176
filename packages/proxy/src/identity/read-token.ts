import { readFile } from 'node:fs/promises';
import { IdentityError } from './identity-error.ts';

/** Reads the service-account token as it is. Rejects with an `IdentityError` naming the file. */
export async function readToken(file: string): Promise<Buffer> {
  const token = await readFile(file).catch((error: unknown) => {
    throw new IdentityError('token', `the token file ${file} cannot be read`, error);
  });
  if (token.length === 0) throw new IdentityError('token', `the token file ${file} is empty`);
  return token;
}
