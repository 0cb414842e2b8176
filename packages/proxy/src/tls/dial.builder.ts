import { connect } from 'node:net';
import { ConnectError } from '../transport/connect-error.ts';
import type { SocketAddress } from '../transport/connection.ts';
import { RecordingHandler } from '../transport/recording-handler.builder.ts';
import type { SocketConnection } from '../transport/socket-connection.ts';
import { connectionOver } from '../transport/socket-pair.builder.ts';
import { connectTls } from './connect-tls.ts';
import type { Credentials } from './credentials.ts';
import { ORDERS } from './mesh-tls.builder.ts';

const never = new AbortController().signal;

/** One end of a connection to a proxy, and what has come from there. */
export interface Client {
  readonly connection: SocketConnection;
  readonly heard: RecordingHandler;
  readonly alpn: string | null;
  send(text: string): void;
}

export interface DialOptions {
  /** The address this end has; 127.0.0.1 is the pod itself, which is always allowed. */
  readonly from?: string;
  /** Mesh TLS with these credentials. */
  readonly tls?: Credentials;
  readonly serverName?: string;
  readonly alpn?: string;
}

/** Opens a connection to orders; rejects when a handshake comes to nothing. */
export async function dial(
  address: SocketAddress,
  { from = '127.0.0.2', tls, serverName = ORDERS, alpn }: DialOptions = {},
): Promise<Client> {
  const tcp = () => connectFrom(from, address);
  if (tls === undefined) return clientOf(await tcp(), null);
  const options = { timeoutMs: 5000, serverId: ORDERS, serverName, ...(alpn === undefined ? {} : { alpn }) };
  const dialed = await connectTls(tcp, tls, options)(never);
  return clientOf(dialed.connection, dialed.alpn);
}

function clientOf(connection: SocketConnection, alpn: string | null): Client {
  const heard = new RecordingHandler();
  connection.handler = heard;
  return { connection, heard, alpn, send: (text) => void connection.write(Buffer.from(text, 'latin1')) };
}

function connectFrom(from: string, { ip, port }: SocketAddress): Promise<SocketConnection> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: ip, port, localAddress: from, allowHalfOpen: true });
    socket.once('connect', () => resolve(connectionOver(socket)));
    socket.once('error', (error) => reject(new ConnectError('io', { ip, port }, error.message)));
  });
}
