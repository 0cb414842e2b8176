import { fileURLToPath } from 'node:url';
import { loadPackageDefinition, type ServiceClientConstructor } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

export interface Order {
  readonly item: string;
  readonly quantity: number;
}

export interface Receipt {
  readonly id: string;
  /** Cents. */
  readonly price: number;
}

export interface Step {
  readonly id: string;
  readonly state: string;
}

const file = fileURLToPath(new URL('./proto/orders.proto', import.meta.url));
const loaded = loadPackageDefinition(loadSync(file, { keepCase: true })) as unknown as {
  shop: { orders: { Orders: ServiceClientConstructor } };
};

/** The gRPC service of the shop's orders: its definition for servers, its constructor for clients. */
export const { Orders } = loaded.shop.orders;
