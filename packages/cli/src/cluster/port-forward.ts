import { Duplex, PassThrough, Writable } from 'node:stream';
import type { KubeConfig } from '@kubernetes/client-node';
import type { PodAddress } from './cluster.ts';
import { ClusterError } from './cluster-error.ts';

/** A connection to a port on a pod's own loopback, through the API server and the kubelet. */
export async function forwardPort(config: KubeConfig, pod: PodAddress, port: number): Promise<Duplex> {
  const { PortForward } = await import('@kubernetes/client-node');
  const where = `${pod.namespace}/${pod.name}:${port}`;
  const toPod = new PassThrough();
  const connection = new Duplex({
    read: () => {},
    write: (chunk: Buffer, _, done) => void toPod.write(chunk, done),
    final: (done) => void toPod.end(done),
  });
  connection.on('error', () => {});
  const fail = (problem: string) =>
    connection.destroy(new ClusterError('forwarding', `${where}: ${problem}`));
  const fromPod = sink((chunk) => connection.push(chunk));
  const problems = sink((chunk) => chunk.length > 0 && fail(chunk.toString('utf8').trim()));
  try {
    const forward = new PortForward(config, false);
    const socket = await forward.portForward(pod.namespace, pod.name, [port], fromPod, problems, toPod);
    if (typeof socket === 'function') throw new Error('a restartable forward was not asked for');
    socket.onclose = () => connection.push(null);
    socket.onerror = ({ message }: { message: string }) => fail(message);
    connection.once('close', () => socket.close());
    return connection;
  } catch (cause) {
    const problem = (cause as { message?: string }).message ?? String(cause);
    throw new ClusterError('forwarding', `no connection to ${where} through the API server: ${problem}`, {
      cause,
    });
  }
}

function sink(take: (chunk: Buffer) => unknown): Writable {
  return new Writable({
    write: (chunk: Buffer, _, done) => {
      take(chunk);
      done();
    },
  });
}
