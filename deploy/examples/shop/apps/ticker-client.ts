import { WebSocket } from 'ws';

export interface PriceFeed {
  /** The latest price in cents. */
  readonly latest: number;
  readonly open: boolean;
  close(): void;
}

const RETRY_MS = 500;

/** Holds a WebSocket to the ticker and opens it again when it breaks. */
export function followPrice(url: string): PriceFeed {
  let latest = 100;
  let closed = false;
  let socket: WebSocket;
  const open = () => {
    socket = new WebSocket(url);
    socket.on('message', (data) => {
      latest = (JSON.parse(String(data)) as { price: number }).price;
    });
    socket.on('error', (error) => console.error(`ticker: ${error.message}`));
    socket.on('close', () => closed || setTimeout(open, RETRY_MS));
  };
  open();
  return {
    get latest() {
      return latest;
    },
    get open() {
      return socket.readyState === WebSocket.OPEN;
    },
    close() {
      closed = true;
      socket.close();
    },
  };
}
