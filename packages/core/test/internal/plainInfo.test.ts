import { assert, describe, it } from "@effect/vitest"
import { ProcessEntry } from "@zag/core/ProcessEntry"
import { ProcessInfo } from "@zag/core/ProcessInfo"
import { Equal } from "effect"
import * as PlainInfo from "../../src/internal/plainInfo.ts"

describe("plainInfo.make", () => {
  it.prop("gives what the constructor gives", [ProcessInfo], ([info]) => {
    const { labels, liveStatus: status, verified, ...entry } = info
    const plain = PlainInfo.make(new ProcessEntry(entry), { status, verified }, labels)
    assert.deepStrictEqual(plain, info)
    assert.deepStrictEqual(Object.keys(plain), Object.keys(info))
    assert.instanceOf(plain, ProcessInfo)
    assert.isTrue(Equal.equals(plain, info))
  })
})
