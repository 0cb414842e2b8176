import type { CertifyResult } from './certify.ts';
import type { ControlPlaneService, ServiceName } from './control-plane.ts';
import type { StreamsResult } from './streams.ts';
import type { WebhookResult } from './webhook.ts';

const number = (value: number) => value.toFixed(value < 10 ? 1 : 0);

export function renderMemory(
  when: string,
  services: Iterable<readonly [ServiceName, ControlPlaneService]>,
): string {
  const memory = Array.from(services, ([name, service]) => [name, service.memory] as const);
  const total = memory.reduce((sum, [, { proportional }]) => sum + proportional, 0);
  const each = memory.map(
    ([name, { resident, proportional }]) =>
      `${name} ${number(proportional)} MB (${number(resident)} resident)`,
  );
  return `memory ${when}: ${each.join(', ')}; together ${number(total)} MB, shared pages by their share`;
}

export function renderCertify(result: CertifyResult): string {
  const { perSecond, medianMs, p99Ms, cpuMsPerCall, residentMb } = result;
  return (
    `certify: ${number(perSecond)} certificates/s, median ${number(medianMs)} ms, p99 ${number(p99Ms)} ms, ` +
    `${number(cpuMsPerCall)} ms of identity's CPU each, ${number(residentMb)} MB resident`
  );
}

export function renderStreams(result: StreamsResult): string {
  const { streams, targets, openedSeconds, openedCpuSeconds, changeMs, changeCpuMs, bareWatchMs } = result;
  return (
    `streams: ${streams} on ${targets} service${targets === 1 ? '' : 's'} opened in ${number(openedSeconds)} s ` +
    `(${number(openedCpuSeconds)} s of destination's CPU), ${number(result.residentMb)} MB resident; ` +
    `a change reaches the last after ${number(changeMs)} ms (${number(changeCpuMs)} ms CPU), ` +
    `a bare watch after ${number(bareWatchMs)} ms; ` +
    `${number(result.residentAfterMb)} MB a minute after the last has ended`
  );
}

export function renderWebhook(result: WebhookResult): string {
  const { inFlight, perSecond, medianMs, p99Ms, cpuMsPerCall, residentMb } = result;
  return (
    `webhook, ${inFlight} at a time: ${number(perSecond)} pods/s, median ${number(medianMs)} ms, ` +
    `p99 ${number(p99Ms)} ms, ${number(cpuMsPerCall)} ms of the injector's CPU each, ${number(residentMb)} MB resident`
  );
}
