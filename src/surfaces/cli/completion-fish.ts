import { type Flag, type Grammar, type Meaning, TOP, withValue } from './grammar.ts'

export function forFish(grammars: Grammar[], meaning: Meaning): string {
  const words = (name: string) => {
    const known = meaning[name]
    if (known === undefined) return undefined
    return known === 'peers' ? "'(repowire names 2>/dev/null)'" : quoted(known.join(' '))
  }
  const flag = (command: string, { flag, description, value }: Flag) => {
    const offered = value && words(value)
    const takes = value === undefined ? '' : ` -x${offered === undefined ? '' : ` -a ${offered}`}`
    return line(`__repowire_at '${command}'`, `-l ${flag.slice(2)}${takes}`, description)
  }
  const place = (command: string, { name }: { name: string }, at: number) => {
    const offered = words(name)
    return offered === undefined ? [] : [line(`__repowire_at '${command}' ${at}`, `-a ${offered}`, name)]
  }
  return `# Completion of repowire for fish; made by: repowire completion fish

# True where the command is the first argument and, where there is a second, so many of its own stand before the cursor.
function __repowire_at
    set -l words (commandline -opc)
    set -e words[1]
    set -l command ''
    set -l place 0
    set -l value no
    for word in $words
        if test $value = yes
            set value no
            continue
        end
        switch $word
            case ${withValue(grammars)
              .map(({ flag }) => flag)
              .join(' ')}
                set value yes
            case '-*'
            case '*'
                if test -z "$command"
                    set command $word
                else
                    set place (math $place + 1)
                end
        end
    end
    test "$command" = "$argv[1]"; or return 1
    test -z "$argv[2]"; or test "$place" = "$argv[2]"
end

complete -c repowire -f
${TOP.map((each) => flag('', each)).join('\n')}
${grammars.map(({ name, description }) => line("__repowire_at ''", `-a ${name}`, description)).join('\n')}
${grammars.flatMap(({ name, flags, places }) => [...flags.map((each) => flag(name, each)), ...places.flatMap((each, at) => place(name, each, at))]).join('\n')}`
}

function line(condition: string, what: string, description: string): string {
  return `complete -c repowire -n ${quoted(condition)} ${what} -d ${quoted(description)}`
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
