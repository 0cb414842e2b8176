export interface Done {
  readonly namespace: string;
  /** Where the key of a trust anchor made here has gone; undefined where none was made. */
  readonly anchorKey: { readonly file: string | undefined; readonly inCluster: boolean } | undefined;
  readonly injectsByDefault: boolean;
}

/** What the user reads once the control plane is there. */
export function nextSteps({ namespace, anchorKey, injectsByDefault }: Done): string {
  const own = namespace === 'linkerd' ? '' : ` --linkerd-namespace ${namespace}`;
  const steps = [
    `The control plane is ready in namespace ${namespace}. See for yourself:`,
    `  weft check${own}`,
    '',
    ...(injectsByDefault
      ? ['Pods get a proxy when they are created. Restart those that run already:']
      : [
          'Let the pods of a namespace have a proxy:',
          '  kubectl annotate namespace NAMESPACE linkerd.io/inject=enabled',
        ]),
    '  kubectl -n NAMESPACE rollout restart deploy',
  ];
  if (anchorKey !== undefined) steps.push('', ...anchorNotes(anchorKey));
  return `${steps.join('\n')}\n`;
}

function anchorNotes({ file, inCluster }: NonNullable<Done['anchorKey']>): string[] {
  const made = 'A trust anchor was made for ten years, and an issuer for one year.';
  if (file !== undefined)
    return [made, `The anchor's key is in ${file}: keep it offline; the next issuer needs it.`];
  if (inCluster)
    return [made, "The anchor's key is in the Secret linkerd-trust-anchor; the next issuer needs it."];
  return [
    made,
    "The anchor's key was thrown away: before the year is over, a new anchor and a new issuer have to replace both.",
    'To keep the key of a new installation, use --trust-anchor-key-file.',
  ];
}
