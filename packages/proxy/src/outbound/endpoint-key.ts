/** What endpoints of one balancer are told apart by. */
export const keyOf = ({ ip, port }: { readonly ip: string; readonly port: number }): string =>
  `${ip} ${port}`;
