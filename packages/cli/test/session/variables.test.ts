import { assert, describe, it } from "@effect/vitest"
// @effect-diagnostics-next-line nodeBuiltinImport:off -- real shells
import { execFileSync, spawnSync } from "node:child_process"
import { type Form, text } from "../../src/session/variables.ts"

const values = [
  "plain",
  "",
  "it's",
  "two 'quoted' words",
  "$HOME $(touch pwned) `touch pwned`",
  "\"double\" \\ back\\\\slash\\",
  "\\'; touch pwned; '",
  "'''",
  "line\nbreak\ttab",
  "-n *?[a] ~ # ! & | ; < > {a,b}",
  "é漢字😀"
]

const variables = Object.fromEntries(values.map((value, index) => [`ZAG_V${index}`, value]))

/** What a command of a shell gets when the shell was given these lines before. */
const inShell = (shell: string, lines: string): unknown => {
  const print = `'${process.execPath}' -e 'process.stdout.write(JSON.stringify(process.env))'`
  const env = JSON.parse(execFileSync(shell, ["-c", `${lines}\n${print}`], { encoding: "utf8" })) as object
  return Object.fromEntries(Object.entries(env).filter(([name]) => name.startsWith("ZAG_V")))
}

const isThere = (shell: string): boolean => spawnSync(shell, ["-c", "exit 0"]).status === 0

describe("the variables of a session", () => {
  it.each([["sh", "posix"], ["dash", "posix"], ["bash", "posix"], ["zsh", "posix"], ["fish", "fish"]] as const)(
    "are in %s what they are",
    (shell, form) => {
      if (!isThere(shell)) return
      assert.deepStrictEqual(inShell(shell, text(variables, form)), variables)
    }
  )

  it.each<readonly [Form, string]>([
    ["plain", "A=it's  $x\nB=a b"],
    ["posix", String.raw`export A='it'\''s  $x';` + "\nexport B='a\nb';"],
    ["fish", String.raw`set -gx A 'it\'s  $x';` + "\nset -gx B 'a\nb';"]
  ])("are written so for %s", (form, expected) => {
    assert.strictEqual(text({ A: "it's  $x", B: "a\nb" }, form), expected)
  })
})
