import { loadavg } from 'node:os';
import { BenchAccount, readMesh } from './accounts.ts';
import { parseArguments } from './arguments.ts';
import { measureCertify } from './certify.ts';
import { BenchCluster } from './cluster.ts';
import { type ControlPlaneService, findService, SERVICES, type ServiceName } from './control-plane.ts';
import { deleteNamespace, makeFleet, makeNamespace } from './objects.ts';
import { renderCertify, renderMemory, renderStreams, renderWebhook } from './report.ts';
import { measureManyServices, measureOneService } from './streams.ts';
import { seconds } from './timings.ts';
import { measureWebhook } from './webhook.ts';

const print = (line: string) => void process.stdout.write(`${line}\n`);
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(signal, () => stop.abort(new Error(`stopped by ${signal}`)));

async function run(): Promise<void> {
  const options = parseArguments(process.argv.slice(2), process.env);
  const cluster = await BenchCluster.open(options.kubeconfig, stop.signal);
  const find = async (name: ServiceName) =>
    [name, await findService(cluster, options.namespace, name)] as const;
  const services = new Map<ServiceName, ControlPlaneService>(await Promise.all(SERVICES.map(find)));
  const [identity, destination, injector] = SERVICES.map((name) => services.get(name)!) as [
    ControlPlaneService,
    ControlPlaneService,
    ControlPlaneService,
  ];
  const mesh = await readMesh(cluster, options.namespace);
  const results: Record<string, unknown> = {};
  const memory = (when: string) => {
    results[`memory ${when}`] = Object.fromEntries(
      Array.from(services, ([name, service]) => [name, service.memory]),
    );
    print(renderMemory(when, services));
  };
  const webhook = async (when: string) => {
    for (const inFlight of [1, 8]) {
      const result = await measureWebhook(cluster, injector, inFlight);
      results[`webhook ${when} ${inFlight}`] = result;
      print(renderWebhook(result));
    }
  };

  print(`load of this machine before: ${loadavg()[0]?.toFixed(1)}`);
  await makeNamespace(cluster);
  try {
    for (const row of options.only) {
      switch (row) {
        case 'memory':
          memory('idle');
          break;
        case 'certify': {
          const result = await measureCertify(cluster, mesh, identity);
          results.certify = result;
          print(renderCertify(result));
          break;
        }
        case 'streams': {
          const account = await BenchAccount.make(cluster, mesh, identity, 'proxy');
          const streams = { cluster, mesh, destination, credentials: await account.credentials() };
          account.close();
          const measured = [
            await measureOneService(streams, options.streams),
            await measureOneService(streams, Math.ceil(options.streams / 5)),
            await measureManyServices(streams, options.services),
          ];
          results.streams = measured;
          for (const result of measured) print(renderStreams(result));
          break;
        }
        case 'webhook':
          await webhook('');
          break;
        case 'fleet':
          await makeFleet(cluster, options.pods);
          await webhook(`with ${options.pods} pods`);
          await seconds(60);
          memory(`with ${options.pods} pods`);
          break;
      }
    }
  } finally {
    await deleteNamespace(cluster);
  }
  print(`load of this machine after: ${loadavg()[0]?.toFixed(1)}`);
  if (options.json) print(JSON.stringify(results));
}

try {
  await run();
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
  // What is still open would keep the process.
  stop.abort(error);
}
