import { type Cidr, parseCidr } from '@weft/policy';
import { z } from 'zod';

const cidrText = z
  .string()
  .refine((text) => parseCidr(text) !== null, 'must be a network such as 10.0.0.0/8, or an address');

function contains(outer: Cidr, inner: Cidr): boolean {
  if (outer.family !== inner.family || outer.prefixLength > inner.prefixLength) return false;
  const cut = prefixOf(inner, outer.prefixLength);
  return cut.every((word, index) => word === outer.words[index]);
}

/** The words of a network with everything beyond a shorter prefix zero. */
function prefixOf({ words }: Cidr, prefixLength: number): readonly number[] {
  return words.map((word, index) => {
    const bits = Math.min(32, Math.max(0, prefixLength - 32 * index));
    return bits === 0 ? 0 : (word & (-1 << (32 - bits))) >>> 0;
  });
}

/** Networks with exceptions, each of which must take away a part and not everything. */
export const networkSchema = z
  .looseObject({ cidr: cidrText, except: z.array(cidrText).optional() })
  .superRefine(({ cidr, except = [] }, { addIssue }) => {
    const network = parseCidr(cidr);
    if (network === null) return;
    for (const [index, text] of except.entries()) {
      const exception = parseCidr(text);
      if (exception === null) continue;
      const refuse = (message: string) => addIssue({ code: 'custom', path: ['except', index], message });
      if (contains(exception, network)) refuse(`must leave something of ${cidr}`);
      else if (!contains(network, exception)) refuse(`must be a part of ${cidr}`);
    }
  });

export const networksSchema = z.array(networkSchema).min(1, 'must have at least one network');
