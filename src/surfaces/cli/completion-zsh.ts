import { type Flag, type Grammar, type Meaning, TOP } from './grammar.ts'

export function forZsh(grammars: Grammar[], meaning: Meaning): string {
  const action = (name: string) => {
    const words = meaning[name] ?? []
    return words === 'peers' ? '_repowire_peers' : words.length === 0 ? ' ' : `(${words.join(' ')})`
  }
  const flag = ({ flag, description, value }: Flag) =>
    quoted(
      `${flag}[${escaped(description, /[[\]:\\]/g)}]${value === undefined ? '' : `:${value}:${action(value)}`}`,
    )
  const place = ({ name, optional, many }: Grammar['places'][number], at: number) =>
    quoted(`${many ? '*' : at + 1}:${optional && !many ? ':' : ''}${name}:${action(name)}`)
  const branch = ({ name, flags, places }: Grammar) =>
    `        ${name}) _arguments ${[...flags.map(flag), ...places.map(place)].join(' ')} && ret=0 ;;`
  return `#compdef repowire
# Completion of repowire for zsh; made by: repowire completion zsh
_repowire_peers() {
  local -a peers
  peers=(\${(f)"$(repowire names 2>/dev/null)"})
  compadd -a peers
}

_repowire() {
  local curcontext=$curcontext state line ret=1
  local -A opt_args
  local -a commands
  _arguments -C ${TOP.map(flag).join(' ')} '1:command:->commands' '*::argument:->arguments' && ret=0
  case $state in
    commands)
      commands=(
${grammars.map(({ name, description }) => `        ${quoted(`${name}:${escaped(description, /[:\\]/g)}`)}`).join('\n')}
      )
      _describe -t commands command commands && ret=0
      ;;
    arguments)
      case $words[1] in
${grammars.map(branch).join('\n')}
      esac
      ;;
  esac
  return ret
}

if [[ $funcstack[1] == _repowire ]]; then
  _repowire "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
  compdef _repowire repowire
fi`
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

function escaped(text: string, special: RegExp): string {
  return text.replace(special, '\\$&')
}
