import { parsePortList } from '../parse/ports.ts';
import { parseInt32 } from '../parse/scalars.ts';
import type { Settings } from '../settings.ts';
import { type Apply, quote, read } from './rule.ts';

/** A listener's port: any 32-bit integer is passed on, as Linkerd does, but one that is no port is reported. */
export function listenerPort(name: keyof Settings['proxy']['ports']): Apply {
  const apply = read(parseInt32, (settings, port) => {
    settings.proxy.ports[name] = port;
  });
  return (settings, text, pod) => {
    const problems = apply(settings, text, pod);
    const port = settings.proxy.ports[name];
    if (problems.length > 0 || (port >= 1 && port <= 65_535)) return problems;
    return [`${quote(text)} is outside of 1 to 65535; the pod will not start with it`];
  };
}

/** A list of ports, ranges and names of container ports; each bad item is left out. */
export function portList(name: 'opaquePorts' | 'podInboundPorts'): Apply {
  return (settings, text, { namedPorts }) => {
    const { ports, bad } = parsePortList(text, namedPorts);
    settings.proxy[name] = ports.join(',');
    return bad.map((item) => `${quote(item)} is no port, range or name of a container port; left out`);
  };
}
