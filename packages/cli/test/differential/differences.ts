/**
 * In what the answers of the two programs may differ, by the names that
 * docs/compatibility.md gives to the differences. Nothing else may.
 */
export const differences = {
  "more-keys": "`--json` has `labels` and `verified` as well, and `show` the activity of what runs",
  table: "the table has another shape",
  "show-parents": "`show` has the ids of the parents, when there are any",
  "shown-text": "control characters and runs of blanks are not shown as they are stored",
  "unreadable-entry": "an entry that cannot be read hides no other; a warning says so",
  "repeated-key": "of a key that is there twice the last one counts, as for every reader in JavaScript",
  "written-as-array": "an array in the place of an object, which `zag` accepts by accident, is not read",
  "ignored-values": "an unknown key may have any name, also one with a lone surrogate",
  "limit-after-filters": "`-n` counts after the filters",
  "several-ids": "`stop` takes several ids",
  "several-values": "`-p` may be given several times, and `~PART` is a part of the value",
  "self-as-parent": "`--children self` is your own session",
  "json-anywhere": "`--json` may stand anywhere",
  "json-errors": "with `--json` an error is JSON as well",
  "filters-without-list": "the word `list` may be left out before its filters",
  "beginning-of-id": "the beginning of an id is enough",
  "empty-process-id": "an empty `ZAG_PROCESS_ID` counts as unset",
  "group-pid": "pid 0 and pid 4294967295 are no process",
  "more-to-errors": "an error begins alike and may say more",
  "flag-values": "`--running=true` and `--running true` are `--running`",
  "no-largest-number": "a number may be larger than 64 bits have room for",
  "help-word": "help is `--help`; a command `help` is unknown",
  "more-commands": "`ps` has more commands, and `list` more flags",
  "general-flags":
    "of the flags that `zag` has for all its commands only `--help` means the same; `-v` is the version, others are unknown",
  "usage-words": "a usage error, and help, have other words"
} as const

export type Difference = keyof typeof differences
