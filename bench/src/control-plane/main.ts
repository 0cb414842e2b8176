import { Destination } from '@weft/proto/destination';
import { Identity } from '@weft/proto/identity';
import { InboundServerPolicies } from '@weft/proto/inbound';
import { OutboundPolicies } from '@weft/proto/outbound';
import { Authority } from '../certificates.ts';
import { endpoints, inboundServer, outboundPolicy, portOf, profile } from './answers.ts';
import { grpcServer, handler } from './grpc.ts';
import { CONTROL_PLANE_PORT } from './topology.ts';

/**
 * A control plane as a script, on a pod's loopback: real certificates, fixed discovery and policy.
 *
 *   main.ts DIRECTORY_OF_THE_AUTHORITY ADDRESS_OF_THE_SERVER
 */
const [directory = '', serverAddress = ''] = process.argv.slice(2);
const authority = Authority.in(directory);
const DAY_SECONDS = 86_400n;

const server = grpcServer(
  new Map([
    handler(Identity.method.certify, ({ identity, certificateSigningRequest }) => ({
      leafCertificate: authority.sign(certificateSigningRequest, identity),
      validUntil: { seconds: BigInt(Math.floor(Date.now() / 1000)) + DAY_SECONDS },
    })),
    handler(Destination.method.get, ({ path }) => endpoints(serverAddress, portOf(path))),
    handler(Destination.method.getProfile, ({ path }) => profile(portOf(path))),
    handler(OutboundPolicies.method.watch, ({ target }) =>
      outboundPolicy(target.case === 'addr' ? target.value.port : portOf(target.value ?? '')),
    ),
    handler(InboundServerPolicies.method.watchPort, ({ port }) => inboundServer(port)),
  ]),
);
server.listen(CONTROL_PLANE_PORT, '127.0.0.1', () => process.stdout.write('ready\n'));
