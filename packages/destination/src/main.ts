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

async function start(get: Get, config: DestinationConfig): Promise<void> {
  const identity = get<MeshIdentity | undefined>(OWN_IDENTITY);
  void identity?.run(get<Shutdown>(SHUTDOWN).signal);
  await get<DestinationService>(DestinationService).synced();
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
