/** Texts are lower case. A suffix begins with a dot: `*.example.com` is `.example.com`. */
export type HostMatch =
  | { readonly kind: 'exact'; readonly host: string }
  | { readonly kind: 'suffix'; readonly suffix: string };
