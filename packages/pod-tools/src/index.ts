export { awaitProxy } from './await/await-proxy.ts';
export { run as runNetworkValidator } from './network-validator/run.ts';
