import { IssuerError, loadIssuer } from '@weft/identity/authority';
import { type DeepPartial, mergeValues } from '@weft/injector';
import { type JsonObject, textAt } from '../manifest/json.ts';

/**
 * The values with the issuer that its Secret holds: it may have been replaced there since, and an upgrade must not
 * bring back the one before. One that identity refuses does not count.
 */
export function withIssuerInForce(
  values: JsonObject,
  secret: JsonObject | undefined,
  now: number,
): JsonObject {
  const [crtPEM, keyPEM] = ['crt.pem', 'key.pem'].map((name) =>
    Buffer.from(textAt(secret ?? null, 'data', name), 'base64').toString('utf8'),
  ) as [string, string];
  if (crtPEM === '' || keyPEM === '') return values;
  const anchorsPem = textAt(values, 'identityTrustAnchorsPEM');
  if (anchorsPem !== '' && !isUsable({ certChainPem: crtPEM, keyPem: keyPEM, anchorsPem }, now))
    return values;
  const inForce = { identity: { issuer: { tls: { crtPEM, keyPEM } } } };
  return mergeValues(values, inForce as DeepPartial<JsonObject>);
}

function isUsable(bundle: Parameters<typeof loadIssuer>[0], now: number): boolean {
  try {
    loadIssuer(bundle, now);
    return true;
  } catch (error) {
    if (error instanceof IssuerError) return false;
    throw error;
  }
}
