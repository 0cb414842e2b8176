import { type Candidate, type CompletionNode, commandPaths } from './command-tree.ts';

/** A completion script for zsh: `source <(weft completion zsh)`, or a file `_weft` in a folder of `fpath`. */
export function zshCompletion(nodes: readonly CompletionNode[], programs: readonly string[]): string {
  const steps = commandPaths(nodes).map((path) => `"${path}"`);
  const cases = nodes.map(
    ({ path, candidates }) => `    ("${path}") candidates=(${candidates.map(described).join(' ')}) ;;`,
  );
  // "path" is a name that zsh itself uses.
  return `#compdef ${programs.join(' ')}
_weft() {
  local place="" word
  local -a candidates
  for word in \${words[2,CURRENT-1]}; do
    word="\${place:+$place }$word"
    case "$word" in
    (${steps.join('|')}) place=$word ;;
    esac
  done
  case "$place" in
${cases.join('\n')}
  esac
  _describe -o weft candidates || _files
}
compdef _weft ${programs.join(' ')}
`;
}

function described({ word, description }: Candidate): string {
  return `'${word}:${description.replaceAll("'", "'\\''")}'`;
}
