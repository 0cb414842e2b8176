import { HttpServer } from '../traffic.builder.ts';
import { testService } from './grpc-peer.builder.ts';
import { Http2App } from './http2-peer.builder.ts';
import { TcpApp } from './tcp-peer.builder.ts';

/** An application of each kind. Who starts them closes them. */
export interface Apps {
  readonly app: HttpServer;
  readonly rpc: Http2App;
  readonly echo: TcpApp;
}

/** `hostIp`: where those of a pod listen. */
export async function startApps(hostIp: string): Promise<Apps> {
  const [app, rpc, echo] = await Promise.all([
    HttpServer.start(hostIp),
    Http2App.start(hostIp, testService),
    TcpApp.echo(hostIp),
  ]);
  return { app, rpc, echo };
}
