import { type Grammar, type Meaning, TOP, withValue } from './grammar.ts'

/** Of bash 3.2 and later. */
export function forBash(grammars: Grammar[], meaning: Meaning): string {
  const offer = (name: string) => {
    const words = meaning[name]
    if (words === undefined) return undefined
    return words === 'peers' ? `offered=$(repowire names 2>/dev/null)` : `offered='${words.join(' ')}'`
  }
  const row = (pattern: string, act: string | undefined) =>
    act === undefined ? [] : [`      ${pattern}) ${act} ;;`]
  const valued = withValue(grammars)
  const flagsOf = (flags: { flag: string }[]) => `offered='${flags.map(({ flag }) => flag).join(' ')}'`
  const places = grammars.flatMap(({ name, places }) =>
    places.flatMap((place, at) => row(`${name}:${at}`, offer(place.name))),
  )
  return `# Completion of repowire for bash; made by: repowire completion bash
_repowire() {
  local IFS=$' \\t\\n' words word current command= option= offered=
  local -i count=0 place=0
  words=()
  # bash breaks words at "@" and "=": backend@laptop comes as three.
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD}"; do
    if ((count > 0)) && [[ $word == [@=]* || \${words[count - 1]} == *[@=] ]]; then
      words[count - 1]+=$word
    else
      words[count++]=$word
    fi
  done
  current=\${words[count - 1]}
  for word in "\${words[@]:0:count-1}"; do
    if [[ -n $option ]]; then
      option=
      continue
    fi
    case $word in
      ${valued.map(({ flag }) => flag).join(' | ')}) option=$word ;;
      -*) ;;
      *) if [[ -z $command ]]; then command=$word; else place+=1; fi ;;
    esac
  done
  if [[ -n $option ]]; then
    case $option in
${valued.flatMap(({ flag, value = '' }) => row(flag, offer(value))).join('\n')}
    esac
  elif [[ $current == -* ]]; then
    case $command in
${[...row("''", flagsOf(TOP)), ...grammars.flatMap(({ name, flags }) => row(name, flagsOf(flags)))].join('\n')}
    esac
  else
    case $command:$place in
      :0) offered='${grammars.map(({ name }) => name).join(' ')}' ;;
${places.join('\n')}
    esac
  fi
  COMPREPLY=($(compgen -W "$offered" -- "$current"))
  # What stands before the "@" is not replaced, and the "@" is.
  if [[ $current == *@* ]]; then
    COMPREPLY=("\${COMPREPLY[@]#"\${current%%@*}"}")
  fi
}
complete -F _repowire repowire`
}
