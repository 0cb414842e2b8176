import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { z } from 'zod';
import { parseUsername } from '../identity-name.ts';
import { keyId } from './key-id.ts';
import { identityAudience, type TokenValidator, type TokenVerdict } from './token-validator.ts';

export interface LocalTokenValidatorOptions {
  /** PEM public keys of the local issuers, one after the other. */
  readonly publicKeysPem: string;
  /** How far the issuer's clock may be off, in ms. */
  readonly clockSkewMs: number;
  readonly audience?: string;
  readonly now?: () => number;
}

const maxTokenBytes = 16 * 1024;

const header = z.object({ alg: z.literal('ES256'), kid: z.string() });
const claims = z.object({
  aud: z.union([z.string(), z.array(z.string())]),
  sub: z.string(),
  exp: z.number(),
  nbf: z.number().optional(),
});

/** Validates service-account tokens that a local issuer has signed with ES256. */
export class LocalTokenValidator implements TokenValidator {
  readonly #keys: ReadonlyMap<string, KeyObject>;
  readonly #options: LocalTokenValidatorOptions;

  /** @throws Error when a key cannot be read or there is none. */
  constructor(options: LocalTokenValidatorOptions) {
    const pems =
      options.publicKeysPem.match(/-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----/g) ?? [];
    if (pems.length === 0) throw new Error('there is no public key to validate tokens with');
    const keys = pems.map((pem) => createPublicKey(pem));
    this.#keys = new Map(keys.map((key) => [keyId(key), key]));
    this.#options = options;
  }

  async validate(token: Uint8Array): Promise<TokenVerdict> {
    if (token.length > maxTokenBytes) return invalid(`it has over ${maxTokenBytes} bytes`);
    const [head = '', body = '', signature = '', ...rest] = Buffer.from(token)
      .toString('latin1')
      .trim()
      .split('.');
    const parsedHead = header.safeParse(jsonOf(head));
    const parsedBody = claims.safeParse(jsonOf(body));
    if (rest.length > 0 || !parsedHead.success || !parsedBody.success) {
      return invalid('it is not a service-account token signed by ES256');
    }
    const key = this.#keys.get(parsedHead.data.kid);
    if (key === undefined) return unauthenticated('it is signed by an unknown key');
    const genuine = verify(
      'sha256',
      Buffer.from(`${head}.${body}`),
      { key, dsaEncoding: 'ieee-p1363' },
      Buffer.from(signature, 'base64url'),
    );
    if (!genuine) return unauthenticated('its signature is wrong');
    return this.#judge(parsedBody.data);
  }

  #judge({ aud, sub, exp, nbf }: z.infer<typeof claims>): TokenVerdict {
    const { clockSkewMs, audience = identityAudience, now = Date.now } = this.#options;
    if (!(typeof aud === 'string' ? [aud] : aud).includes(audience)) {
      return unauthenticated(`its audience is ${JSON.stringify(aud)}, not ${audience}`);
    }
    if (now() >= exp * 1000 + clockSkewMs) return unauthenticated('it has expired');
    if (nbf !== undefined && now() < nbf * 1000 - clockSkewMs) return unauthenticated('it is not valid yet');
    const account = parseUsername(sub);
    return account === undefined
      ? invalid(`its subject ${JSON.stringify(sub)} is no service account`)
      : { kind: 'authenticated', account };
  }
}

function jsonOf(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}

function invalid(reason: string): TokenVerdict {
  return { kind: 'invalid', reason };
}

function unauthenticated(reason: string): TokenVerdict {
  return { kind: 'unauthenticated', reason };
}
