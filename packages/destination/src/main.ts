import {
  type Get,
  GRPC_SERVER,
  type GrpcServer,
  LOGGER,
  type Logger,
  type MeshIdentity,
  runService,
  SHUTDOWN,
  type Shutdown,
} from '@weft/service';
import { type DestinationConfig, destinationSettings, joinManifestFlags } from './config/settings.ts';
import { DestinationModule, OWN_IDENTITY } from './destination.module.ts';
import { DestinationService } from './destination-service.ts';

// A proxy's streams last for hours, and with them the small buffers of their requests. From Node's default pool
// of 64 KiB each of those would keep a whole slab alive, half of it answers long sent.
Buffer.poolSize = 8 * 1024;

async function start(get: Get, config: DestinationConfig): Promise<void> {
  const { signal } = get<Shutdown>(SHUTDOWN);
  const identity = get<MeshIdentity | undefined>(OWN_IDENTITY);
  void identity?.run(signal);
  await get<DestinationService>(DestinationService).start(signal);
  const grpc = get<GrpcServer>(GRPC_SERVER);
  const destination = await grpc.listen(config.addr, identity);
  const policy = await grpc.listen(config.policyAddr, identity);
  const tls = identity === undefined ? 'none' : 'mesh';
  get<Logger>(LOGGER).info('serving', { destination: destination.port, policy: policy.port, tls });
}

process.exitCode = await runService(
  {
    name: 'destination',
    settings: destinationSettings,
    module: (config) => DestinationModule.forRoot(config),
    start,
  },
  { argv: joinManifestFlags(process.argv.slice(2)), env: process.env },
);
