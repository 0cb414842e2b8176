import { runProgram } from '../../harness/run-program.ts';

/**
 * Drops every packet of the connections that a pod has open to a port of this machine, the node, without a word to
 * either end: what a firewall does that has forgotten them. New connections are not touched. The function returned
 * stops it.
 */
export async function cutConnections(podIp: string, port: number): Promise<() => Promise<void>> {
  const table = await run('ss', '-Htn', 'state', 'established', `( sport = :${port} and dst = ${podIp} )`);
  const peers = [...table.matchAll(/:(\d+)\s*$/gm)].map(([, peer]) => peer!);
  if (peers.length === 0) throw new Error(`${podIp} has no connection to port ${port} of this machine`);
  const rules = peers.flatMap((peer) => [
    ['INPUT', '-p', 'tcp', '-s', podIp, '--sport', peer, '--dport', String(port), '-j', 'DROP'],
    ['OUTPUT', '-p', 'tcp', '-d', podIp, '--dport', peer, '--sport', String(port), '-j', 'DROP'],
  ]);
  for (const rule of rules) await run('iptables', '-w', '-I', ...rule);
  return async () => {
    for (const rule of rules) await run('iptables', '-w', '-D', ...rule);
  };
}

async function run(program: string, ...args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await runProgram(program, args);
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}: ${stderr}`);
  return stdout;
}
