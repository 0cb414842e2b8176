import { Command } from 'commander';
import { manifestFormat, readDocuments, renderDocuments } from '../manifest/document.ts';
import { readInput } from '../manifest/read-input.ts';
import { requireSource, transformProblems } from '../manifest/source.ts';
import { report } from '../report.ts';
import { write } from '../terminal/write.ts';
import { renderReport } from './report.ts';
import { uninjectDocuments } from './uninject-documents.ts';

/** `weft uninject`: the reverse of `weft inject`. Needs no cluster. */
export function uninjectCommand(): Command {
  return new Command('uninject')
    .description('take the proxy, and the annotations that ask for it, out of Kubernetes manifests')
    .argument('[source]', 'file, folder, HTTPS URL, or - for standard input')
    .option('-o, --output <format>', 'yaml or json', 'yaml')
    .action((source: string | undefined, { output }: { output: string }) => report(uninject(source, output)));
}

async function uninject(source: string | undefined, output: string): Promise<number> {
  const format = manifestFormat(output);
  const inputs = await readInput(requireSource(source), process.stdin);
  const result = uninjectDocuments(inputs.flatMap(({ name, text }) => readDocuments(text, name)));
  if (result.kind === 'failed') {
    await write(process.stderr, transformProblems(result.problems));
    return 1;
  }
  await write(process.stdout, renderDocuments(result.documents, format));
  await write(process.stderr, renderReport(result.reports));
  return 0;
}
