# SPDX-License-Identifier: GPL-2.0-only
# bash completion for vnet. The command itself says what can stand next.

_vnet() {
  local line=${COMP_LINE:0:COMP_POINT} words answer word
  # Not COMP_WORDS: there a MAC is several words.
  read -ra words <<<"$line"
  [[ $line != *[[:blank:]] ]] || words+=('')
  COMPREPLY=()
  ((${#words[@]} > 1)) || return 0
  mapfile -t answer < <("${words[0]/#\~/$HOME}" __complete "${words[@]:1}" 2>/dev/null)
  for word in "${answer[@]}"; do
    case $word in
      $'\tFILE'*)
        compopt -o filenames 2>/dev/null
        mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "${words[-1]}")
        ;;
      $'\t'*) ;; # cannot be listed
      *) COMPREPLY+=("${word%%$'\t'*}") ;;
    esac
  done
}

complete -F _vnet vnet
