import { execFileSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { Command, Option } from 'commander';
import { bashCompletion } from './bash.ts';
import { completionNodes } from './command-tree.ts';
import { fishCompletion } from './fish.ts';
import { zshCompletion } from './zsh.ts';

const program = new Command('weft')
  .option('-L, --linkerd-namespace <name>', 'where it is')
  .addCommand(new Command('inject').description("add the mesh's proxy").option('--manual', 'by hand'))
  .addCommand(
    new Command('local')
      .description('without Kubernetes')
      .addCommand(
        new Command('run')
          .description('run')
          .option('--json', 'JSON')
          .addOption(new Option('--secret').hideHelp()),
      ),
  );
const nodes = completionNodes(program);

/** What bash offers for a line that ends in the middle of a word. */
function offered(line: string): string[] {
  const words = line.split(' ');
  const script = `${bashCompletion(nodes, ['weft'])}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _weft
printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync('bash', ['-c', script], { encoding: 'utf8' }).split('\n').filter(Boolean);
}

describe('completion', () => {
  it.each([
    ['weft ', ['inject', 'local', '--linkerd-namespace']],
    ['weft in', ['inject']],
    ['weft inject --m', ['--manual']],
    ['weft inject file.yaml --', ['--manual', '--linkerd-namespace']],
    ['weft local r', ['run']],
    ['weft local run --', ['--json', '--linkerd-namespace']],
    ['weft -L mesh local run --j', ['--json']],
  ])('offers in bash for %j what can follow', (line, words) => {
    expect(offered(line)).toEqual(words);
  });

  it('describes every word for zsh, quotes and all', () => {
    const script = zshCompletion(nodes, ['weft', 'linkerd']);
    expect(script).toMatch(/^#compdef weft linkerd\n/);
    expect(script).toContain(`("") candidates=('inject:add the mesh'\\''s proxy' 'local:without Kubernetes'`);
    expect(script).toContain(`("local run") candidates=('--json:JSON' '--linkerd-namespace:where it is') ;;`);
  });

  it('describes every word for fish, for both names of the program', () => {
    const script = fishCompletion(nodes, ['weft', 'linkerd']);
    expect(script).toContain(`complete -c weft -n "__weft_at ''" -f -a inject -d 'add the mesh\\'s proxy'\n`);
    expect(script).toContain(`complete -c linkerd -n "__weft_at 'local run'" -l json -d 'JSON'\n`);
    expect(script).not.toContain('secret');
  });
});
