export { type DestinationConfig, destinationSettings, meshConfig } from './config/settings.ts';
export { DestinationModule, OWN_IDENTITY } from './destination.module.ts';
export { DestinationService } from './destination-service.ts';
