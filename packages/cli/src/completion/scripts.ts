/**
 * The part of completion that each shell does itself: it asks the program.
 */

const bash = `# Completion of zag and zag-ps for bash. In ~/.bashrc: source <(zag --completions bash)
_zag_complete() {
  local -a ask lines
  local kind line value width=0
  case "\${1##*/}" in
    zag-ps) ask=("$1" __complete) ;;
    *) ask=("$1" ps __complete) ;;
  esac
  mapfile -t lines < <("\${ask[@]}" -- "\${COMP_WORDS[@]:0:COMP_CWORD + 1}" 2> /dev/null < /dev/null)
  kind=\${lines[0]-}
  lines=("\${lines[@]:1}")
  COMPREPLY=()
  case "$kind" in
    directories)
      compopt -o dirnames
      return
      ;;
    command*)
      if declare -F _command_offset > /dev/null; then
        _command_offset "\${kind#command }"
      else
        compopt -o default
        ((COMP_CWORD == \${kind#command })) && mapfile -t COMPREPLY < <(compgen -c -- "$2")
      fi
      return
      ;;
  esac
  # What is inserted, and not only shown, has no description.
  if ((\${#lines[@]} == 1)) || [[ $COMP_TYPE == 37 || $COMP_TYPE == 42 ]]; then
    for line in "\${lines[@]}"; do COMPREPLY+=("\${line%%$'\\t'*}"); done
    return
  fi
  for line in "\${lines[@]}"; do
    value=\${line%%$'\\t'*}
    ((\${#value} > width)) && width=\${#value}
  done
  for line in "\${lines[@]}"; do
    value=\${line%%$'\\t'*}
    if [[ $line == *$'\\t'* ]]; then printf -v value '%-*s  (%s)' "$width" "$value" "\${line#*$'\\t'}"; fi
    COMPREPLY+=("\${value:0:\${COLUMNS:-80}}")
  done
  # Before bash 4.4 there is no such option.
  compopt -o nosort 2> /dev/null
}
complete -F _zag_complete zag zag-ps
`

const zsh = `#compdef zag zag-ps
# Completion of zag and zag-ps for zsh. As the file _zag in a directory of $fpath, or in ~/.zshrc, after compinit:
# source <(zag --completions zsh)
_zag_complete() {
  local -a ask lines described plain
  local kind line value
  if [[ \${words[1]:t} == zag-ps ]]; then ask=("$words[1]" __complete); else ask=("$words[1]" ps __complete); fi
  lines=("\${(@f)$("\${ask[@]}" -- "\${(@Q)words[1,CURRENT]}" 2> /dev/null < /dev/null)}")
  kind=$lines[1]
  shift lines
  case $kind in
    directories)
      compset -P 1 '--*='
      _files -/
      return
      ;;
    command*)
      local -i at=\${kind#command }
      words=("\${(@)words[at + 1,-1]}")
      ((CURRENT -= at))
      _normal
      return
      ;;
  esac
  for line in "\${lines[@]}"; do
    [[ -n $line ]] || continue
    value=\${\${line%%$'\\t'*}//:/\\\\:}
    if [[ $line == *$'\\t'* ]]; then described+=("$value:\${line#*$'\\t'}"); else described+=("$value"); fi
  done
  ((\${#described})) && _describe -V zag described
}
# As a file of $fpath this is the function _zag, as a whole and each time.
if [[ $funcstack[1] == _zag ]]; then _zag_complete "$@"; else compdef _zag_complete zag zag-ps; fi
`

const fish = `# Completion of zag and zag-ps for fish. In ~/.config/fish/config.fish: zag --completions fish | source
function __zag_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l ask $words[1] ps __complete
    string match -qr '(^|/)zag-ps$' -- $words[1]; and set ask $words[1] __complete
    set -l lines ($ask -- $words 2> /dev/null < /dev/null)
    set -l kind $lines[1]
    set -e lines[1]
    switch "$kind"
        case directories
            __fish_complete_directories (commandline -ct)
        case 'command*'
            set -l before $words
            set -e before[-1]
            set -e before[1..(string replace 'command ' '' -- $kind)]
            complete -C (string join ' ' -- (string escape -- $before) $words[-1])
        case '*'
            test (count $lines) -gt 0; and printf '%s\\n' $lines
    end
end
complete -c zag -f -k -a '(__zag_complete)'
complete -c zag-ps -f -k -a '(__zag_complete)'
`

/** By the names of the shells. */
export const scripts = { bash, zsh, fish } as const
