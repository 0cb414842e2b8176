import { type CompletionNode, commandPaths } from './command-tree.ts';

/** A completion script for fish: `weft completion fish | source`. */
export function fishCompletion(nodes: readonly CompletionNode[], programs: readonly string[]): string {
  const lines = programs.flatMap((program) =>
    nodes.flatMap(({ path, candidates }) =>
      candidates.map(({ word, description, isCommand }) => {
        const what = isCommand ? `-f -a ${word}` : `-l ${word.replace(/^-+/, '')}`;
        return `complete -c ${program} -n "__weft_at '${path}'" ${what} -d ${quoted(description)}`;
      }),
    ),
  );
  return `# fish completion of ${programs.join(' and ')}
function __weft_at
    set -l place ''
    for word in (commandline -opc)[2..]
        set -l next (string trim "$place $word")
        switch $next
            case ${commandPaths(nodes)
              .map((path) => `'${path}'`)
              .join(' ')}
                set place $next
        end
    end
    test "$place" = "$argv[1]"
end
${lines.join('\n')}
`;
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
