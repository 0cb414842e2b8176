import { type CompletionNode, commandPaths } from './command-tree.ts';

/** A completion script for bash: `source <(weft completion bash)`. */
export function bashCompletion(nodes: readonly CompletionNode[], programs: readonly string[]): string {
  const steps = commandPaths(nodes).map((path) => `"${path}"`);
  const cases = nodes.map(
    ({ path, candidates }) => `    "${path}") words="${candidates.map(({ word }) => word).join(' ')}" ;;`,
  );
  return `# bash completion of ${programs.join(' and ')}
_weft() {
  local current=\${COMP_WORDS[COMP_CWORD]} place="" word words="" i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${place:+$place }\${COMP_WORDS[i]}"
    case "$word" in
    ${steps.join('|')}) place=$word ;;
    esac
  done
  case "$place" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _weft ${programs.join(' ')}
`;
}
