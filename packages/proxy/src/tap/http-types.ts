import type { MessageInitShape } from '@bufbuild/protobuf';
import {
  type HeadersSchema,
  type HttpMethod,
  HttpMethod_Registered,
  type HttpMethodSchema,
  type Scheme,
  Scheme_Registered,
  type SchemeSchema,
} from '@weft/proto/http_types';
import type { HeaderList } from '../http/message.ts';

/** The method as it is written; null for an empty message. */
export function methodOf({ type }: HttpMethod): string | null {
  if (type.case === 'registered') return HttpMethod_Registered[type.value] ?? null;
  return type.value || null;
}

/** The scheme as it is written; null for an empty message. */
export function schemeOf({ type }: Scheme): string | null {
  if (type.case === 'registered') return Scheme_Registered[type.value]?.toLowerCase() ?? null;
  return type.value || null;
}

export function encodeMethod(method: string): MessageInitShape<typeof HttpMethodSchema> {
  const registered = Object.hasOwn(HttpMethod_Registered, method) && !/^\d/.test(method);
  return registered
    ? {
        type: {
          case: 'registered',
          value: HttpMethod_Registered[method as keyof typeof HttpMethod_Registered],
        },
      }
    : { type: { case: 'unregistered', value: method } };
}

export function encodeScheme(scheme: string): MessageInitShape<typeof SchemeSchema> {
  if (scheme === 'http') return { type: { case: 'registered', value: Scheme_Registered.HTTP } };
  if (scheme === 'https') return { type: { case: 'registered', value: Scheme_Registered.HTTPS } };
  return { type: { case: 'unregistered', value: scheme } };
}

/** Values are latin1 on the inside and bytes on the wire. */
export function encodeHeaders(fields: HeaderList): MessageInitShape<typeof HeadersSchema> {
  const headers: { name: string; value: Uint8Array }[] = [];
  for (let i = 0; i < fields.length; i += 2) {
    headers.push({ name: fields[i], value: Buffer.from(fields[i + 1], 'latin1') });
  }
  return { headers };
}
