import { type DescMessage, fromBinary, type MessageShape, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from '@jest/globals';
import { ServerSchema } from '@weft/proto/inbound';
import { OutboundPolicySchema } from '@weft/proto/outbound';
import fc from 'fast-check';
import { decodeServer } from './inbound/decode-server.ts';
import { authz, identities, network, server } from './inbound/server.builder.ts';
import { decodeOutbound } from './outbound/decode-outbound.ts';
import { http1, ms, outbound, rule } from './outbound/outbound.builder.ts';

/** Flips bytes of an encoded message and decodes what is still a message. */
function damage<Desc extends DescMessage>(
  schema: Desc,
  whole: MessageShape<Desc>,
  decode: (message: MessageShape<Desc>) => unknown,
): void {
  const bytes = toBinary(schema, whole);
  const change = fc.tuple(fc.nat(bytes.length - 1), fc.nat(255));
  let decoded = 0;
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
      const damaged = Uint8Array.from(bytes);
      for (const [at, byte] of changes) damaged[at] = byte;
      let message: MessageShape<Desc>;
      try {
        message = fromBinary(schema, damaged);
      } catch {
        return;
      }
      decoded += 1;
      expect(decode(message)).toHaveProperty('protocol.kind');
    }),
    { numRuns: 2000 },
  );
  expect(decoded).toBeGreaterThan(100);
}

describe('a damaged message', () => {
  it('becomes a policy, if an invalid one, and never an exception: inbound', () => {
    const matches = [{ path: { kind: { case: 'regex' as const, value: '/a(b|c)+[0-9]{2,3}' } } }];
    const routes = [{ metadata: { kind: { case: 'default' as const, value: 'r' } }, rules: [{ matches }] }];
    const whole = server({
      protocol: { kind: { case: 'http1', value: { routes } } },
      authorizations: [
        authz('a', { networks: [network('10.0.0.0/8')], authentication: identities('*.a', 'b') }),
      ],
    });
    damage(ServerSchema, whole, decodeServer);
  });

  it('becomes a policy, if an invalid one, and never an exception: outbound', () => {
    const conditions = { statusRanges: [{ start: 500, end: 599 }] };
    const retry = {
      maxRetries: 1,
      conditions,
      backoff: { minBackoff: ms(25), maxBackoff: ms(250), jitterRatio: 1 },
    };
    damage(
      OutboundPolicySchema,
      outbound(http1([rule({ retry, timeouts: { request: ms(10) } })])),
      decodeOutbound,
    );
  });
});
