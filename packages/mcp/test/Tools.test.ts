import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import * as Tools from "../src/Tools.ts"

describe("the table", () => {
  it("names every tool once, in snake_case", () => {
    const names = Tools.all.map((tool) => tool.name)
    assert.deepStrictEqual(names, [
      "list_processes",
      "get_process",
      "process_tree",
      "whoami",
      "wait_process",
      "processes_table",
      "stop_process",
      "kill_process",
      "prune_processes"
    ])
  })

  it("describes every parameter, and names it in snake_case", () => {
    for (const tool of Tools.all) {
      const { properties } = Schema.toJsonSchemaDocument(tool.input).schema
      for (const [key, property] of Object.entries((properties ?? {}) as Record<string, { description?: string }>)) {
        assert.match(key, /^[a-z]+(_[a-z]+)*$/)
        assert.isNotEmpty(property.description, `${tool.name}.${key}`)
      }
    }
  })
})
