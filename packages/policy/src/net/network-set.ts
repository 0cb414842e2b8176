/** Networks with exceptions, compiled. */
export interface NetworkSet {
  /** `ip` is the text of an address; IPv4-mapped IPv6 counts as IPv4. False for anything else. */
  contains(ip: string): boolean;
}
