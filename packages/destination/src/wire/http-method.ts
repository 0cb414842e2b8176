import type { MessageInitShape } from '@bufbuild/protobuf';
import { HttpMethod_Registered, type HttpMethodSchema } from '@weft/proto/http_types';

/** A method as the wire has it: a number for those of the standard, else its name. */
export function encodeMethod(method: string): MessageInitShape<typeof HttpMethodSchema> {
  const value = (HttpMethod_Registered as Record<string, string | number>)[method.toUpperCase()];
  return typeof value === 'number'
    ? { type: { case: 'registered', value } }
    : { type: { case: 'unregistered', value: method } };
}
