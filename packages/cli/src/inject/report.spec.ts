import { describe, expect, it } from '@jest/globals';
import { marks } from '../terminal/marks.ts';
import { type InjectReport, noObject, renderReport } from './report.ts';

const web: InjectReport = {
  ...noObject,
  kind: 'deployment',
  name: 'web',
  outcome: 'injected',
  isAnnotatable: true,
};

describe('the report of inject', () => {
  it('says with --verbose what is in order', () => {
    expect(renderReport([web], { verbose: true, marks: marks(false) })).toBe(`
√ pods do not use host networking
√ pods do not have a 3rd party proxy or initContainer already injected
√ pods are not annotated to disable injection
√ at least one resource can be injected or annotated
√ pod specs do not include UDP ports
√ pods do not have automountServiceAccountToken set to "false" or service account token projection is enabled

deployment "web" injected

`);
  });

  it('tells every finding in its order and leaves out the last line where a token is missing', () => {
    const odd = { ...web, hostNetwork: true, sidecar: true, disabled: true, udp: true, noToken: true };
    expect(renderReport([{ ...odd, outcome: 'skipped' }, web], { verbose: true, marks: marks(false) })).toBe(`
‼ "hostNetwork: true" detected in deployment/web
‼ known 3rd party sidecar detected in deployment/web
‼ "linkerd.io/inject: disabled" annotation set on deployment/web
√ at least one resource can be injected or annotated
‼ deployment/web uses "protocol: UDP"

deployment "web" skipped
deployment "web" injected

`);
  });

  it('colours its signs for people', () => {
    const report = renderReport([], { verbose: false, marks: marks(true) });
    expect(report).toContain('\u001b[33m‼\u001b[39m no supported objects found');
  });
});
