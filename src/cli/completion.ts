// `rekey completion SHELL`: a script that completes commands, options and choices, written from the commands themselves, so
// that none is missing. It starts no process while somebody types.
import type { Command, Option } from 'commander';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** A command, or a group of them. */
interface Place {
  /** The words typed so far, such as `rekey audit`. */
  readonly path: string;
  readonly commands: readonly { readonly name: string; readonly words: string }[];
  readonly options: readonly Flag[];
  /** What may follow where it is no option. */
  readonly choices: readonly string[];
}

interface Flag {
  readonly name: string;
  readonly words: string;
  readonly choices: readonly string[];
  /** Whether a value follows, and where no choices are given, a path may be meant. */
  readonly takesValue: boolean;
}

export function completionScript(program: Command, shell: Shell): string {
  const places = placesBelow(program, program.name());
  return { bash, zsh, fish }[shell](places);
}

function placesBelow(command: Command, path: string): Place[] {
  const options = command.options.map(flagOf);
  const help: Flag = { name: '--help', words: 'display help for command', choices: [], takesValue: false };
  return [
    {
      path,
      commands: command.commands.map((each) => ({ name: each.name(), words: each.description() })),
      options: [...options, help],
      choices: command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
    },
    ...command.commands.flatMap((each) => placesBelow(each, `${path} ${each.name()}`)),
  ];
}

const flagOf = ({ long, description, argChoices, required, optional }: Option): Flag => ({
  name: long ?? '',
  words: description,
  choices: argChoices ?? [],
  takesValue: required || optional,
});

const wordsOf = ({ commands, options, choices }: Place): string[] => [
  ...commands.map(({ name }) => name),
  ...choices,
  ...options.map(({ name }) => name),
];

/** What is completed after an option that takes a value: its choices, or the names of files. */
const valuesOf = (places: readonly Place[]): Map<string, readonly string[]> =>
  new Map(
    places.flatMap(({ options }) => options.filter((each) => each.takesValue).map((each) => [each.name, each.choices])),
  );

function bash(places: readonly Place[]): string {
  const values = [...valuesOf(places)];
  return `# Completion of rekey for bash.
_rekey() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} place=rekey each words
  COMPREPLY=()
  case $before in
${values.map(([name, choices]) => `    ${name}) ${choices.length > 0 ? `COMPREPLY=($(compgen -W '${choices.join(' ')}' -- "$word"))` : 'COMPREPLY=($(compgen -f -- "$word"))'}; return ;;`).join('\n')}
  esac
  for each in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$place $each" in
${places
  .slice(1)
  .map(({ path }) => `      '${path}') place='${path}' ;;`)
  .join('\n')}
    esac
  done
  case $place in
${places.map((place) => `    '${place.path}') words='${wordsOf(place).join(' ')}' ;;`).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
  [[ \${#COMPREPLY[@]} -gt 0 || $word == -* ]] || COMPREPLY=($(compgen -f -- "$word"))
}
complete -o filenames -F _rekey rekey
`;
}

/** For `_describe`, which splits at the first colon. */
const described = (name: string, words: string): string => `'${name}:${words.replaceAll("'", "'\\''")}'`;

function zsh(places: readonly Place[]): string {
  const list = ({ commands, options, choices }: Place) =>
    [...commands, ...choices.map((name) => ({ name, words: name })), ...options]
      .map(({ name, words }) => `        ${described(name, words)}`)
      .join('\n');
  return `#compdef rekey
# Completion of rekey for zsh.
_rekey() {
  local place=rekey each
  local -a words_here
  case $words[CURRENT-1] in
${[...valuesOf(places)].map(([name, choices]) => `    ${name}) ${choices.length > 0 ? `compadd -- ${choices.join(' ')}` : '_files'}; return ;;`).join('\n')}
  esac
  for each in \${words[2,CURRENT-1]}; do
    case "$place $each" in
${places
  .slice(1)
  .map(({ path }) => `      '${path}') place='${path}' ;;`)
  .join('\n')}
    esac
  done
  case $place in
${places.map((place) => `    '${place.path}')\n      words_here=(\n${list(place)}\n      ) ;;`).join('\n')}
  esac
  _describe rekey words_here || _files
}
if [ "$funcstack[1]" = _rekey ]; then _rekey "$@"; else compdef _rekey rekey; fi
`;
}

function fish(places: readonly Place[]): string {
  const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const lines = places.flatMap(({ path, commands, options, choices }) => {
    const here = `-n ${quoted(`__rekey_at ${path}`)}`;
    return [
      ...commands.map(({ name, words }) => `complete -c rekey ${here} -f -a ${name} -d ${quoted(words)}`),
      ...choices.map((choice) => `complete -c rekey ${here} -f -a ${choice}`),
      ...options.map(({ name, words, choices: values, takesValue }) => {
        const value = values.length > 0 ? ` -x -a ${quoted(values.join(' '))}` : takesValue ? ' -r' : '';
        return `complete -c rekey ${here} -l ${name.slice(2)} -d ${quoted(words)}${value}`;
      }),
    ];
  });
  return `# Completion of rekey for fish.
function __rekey_at
  set -l path rekey
  for each in (commandline -opc)[2..]
    contains -- "$path $each" ${places
      .slice(1)
      .map(({ path }) => quoted(path))
      .join(' ')}
    and set path "$path $each"
  end
  test "$path" = "$argv"
end
${lines.join('\n')}
`;
}
