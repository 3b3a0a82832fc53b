import { assert, describe, it } from "@effect/vitest"
import { infoJsonKeys, ProcessInfo, ProcessInfoJson } from "@zag/core/ProcessInfo"
import { Schema } from "effect"
import { processJson } from "../src/Json.ts"

const encode = Schema.encodeSync(ProcessInfoJson)

describe("processJson", () => {
  it.prop("is what the codec says, with its keys in alphabetical order", [ProcessInfo], ([info]) => {
    assert.deepStrictEqual(processJson(info), encode(info))
    assert.deepStrictEqual(Object.keys(processJson(info)), Object.values(infoJsonKeys).toSorted())
  })
})
