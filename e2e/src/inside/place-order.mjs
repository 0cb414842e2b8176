// Places an order by gRPC, with the shop's own libraries, and prints the status of the answer:
// place-order.mjs HOST:PORT
import { createRequire } from 'node:module';

const { credentials } = createRequire(`${process.cwd()}/`)('@grpc/grpc-js');
const { Orders } = await import(`${process.cwd()}/apps/orders-service.ts`);
const [address] = process.argv.slice(2);
const orders = new Orders(address, credentials.createInsecure());
orders.Place({ item: 'tea', quantity: 1 }, { deadline: Date.now() + 5000 }, (error) => {
  console.log(error === null ? 'OK' : `${error.code} ${error.details}`);
  orders.close();
});
