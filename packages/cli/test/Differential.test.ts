import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { fileURLToPath } from "node:url"
import { commandLines, file } from "./differential/commandLines.ts"
import { compare, compareLine, inProcess } from "./differential/compare.ts"
import { damagedFiles } from "./differential/damagedFiles.ts"
import { differences } from "./differential/differences.ts"
import * as Recording from "./differential/recording.ts"

// What the real `zag` answered, recorded. test/zag/Differential.test.ts asks it about ever new registries.

const documentation = fileURLToPath(new URL("../../../docs/compatibility.md", import.meta.url))

describe("beside recorded answers of the real zag", () => {
  it.effect("answers alike about registries of every kind", () =>
    Effect.gen(function*() {
      const { ask, cases } = yield* Recording.read
      assert.isAtLeast(cases.length, 40)
      for (const one of cases) yield* compare(one, ask, inProcess)
    }).pipe(Effect.provide(NodeServices.layer)))

  it.effect.each(commandLines.map((line) => ({ line, title: line.args.join(" ") })))(
    "takes as it does: $title",
    ({ line }) =>
      Effect.gen(function*() {
        const { ask } = yield* Recording.read
        yield* compareLine(file, line, ask, inProcess)
      }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect.each(damagedFiles)("reads as it does: $name", ({ difference, file }) =>
    Effect.gen(function*() {
      const { ask } = yield* Recording.read
      yield* compareLine(file, { args: ["ps", "--json"], ...(difference && { difference }) }, ask, inProcess)
    }).pipe(Effect.provide(NodeServices.layer)))

  it.effect.each(Object.entries(differences).map(([name, what]) => ({ name, what })))(
    "has the difference $name in its documentation",
    ({ name, what }) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        assert.include(yield* fs.readFileString(documentation), `- \`${name}\`: ${what}.`)
      }).pipe(Effect.provide(NodeServices.layer))
  )
})
