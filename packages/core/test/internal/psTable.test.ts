import { NodeServices } from "@effect/platform-node"
import { assert, describe, it, layer } from "@effect/vitest"
import { Effect, Schema, Struct } from "effect"
import {
  carriesId,
  isZombie,
  parseDate,
  parsePs,
  psColumns,
  psEnvironment,
  sessionsOf
} from "../../src/internal/psTable.ts"
import { parseBootId, parseBootTime } from "../../src/internal/sysctl.ts"
import { fixture } from "../fixture.ts"

// 2026-01-02T10:00:00Z
const ten = 1_767_348_000

const rowIn = (text: string) => {
  const [found] = parsePs(text)
  return found ?? assert.fail(`no row: ${text}`)
}

layer(NodeServices.layer)("parsePs", (it) => {
  it.effect("reads the table of macOS, which has no sessions", () =>
    Effect.gen(function*() {
      const rows = parsePs(yield* fixture("ps-macos.txt"))
      assert.strictEqual(rows.length, 12)
      assert.deepStrictEqual(rows.find(({ pid }) => pid === 2000), {
        pid: 2000,
        parent: 901,
        group: 2000,
        session: undefined,
        user: 501,
        state: "S",
        startSeconds: ten,
        command: "node /usr/local/bin/agent --prompt two  words"
      })
      assert.strictEqual(rows.find(({ pid }) => pid === 2006)?.user, 4_294_967_294)
      assert.deepStrictEqual(rows.filter(isZombie).map(({ pid }) => pid), [2002])
    }))

  it.effect.each(["macos", "freebsd"])(
    "reads what processes of %s use, and the same as without",
    (system) =>
      Effect.gen(function*() {
        const rows = parsePs(yield* fixture(`ps-${system}-usage.txt`))
        const without = rows.map((row) => Struct.omit(row, ["cpuMillis", "residentBytes"]))
        assert.deepStrictEqual(without, Array.from(parsePs(yield* fixture(`ps-${system}.txt`))))
        const cpuMillis = system === "macos" ? 30_000 : 6_030_000
        assert.deepInclude(rows.find(({ pid }) => pid === 2000), { residentBytes: 204_800 * 1024, cpuMillis })
      })
  )

  it.effect("reads the table of FreeBSD, which has sessions, and no start time of who is swapped out", () =>
    Effect.gen(function*() {
      const rows = parsePs(yield* fixture("ps-freebsd.txt"))
      assert.deepStrictEqual(rows.map(({ pid, session }) => [pid, session]), [
        [0, 0],
        [1, 1],
        [650, 650],
        [700, 700],
        [1000, 700],
        [2000, 700],
        [2001, 2001],
        [2002, 700]
      ])
      assert.deepInclude(rows[2], { state: "IWs", startSeconds: undefined, command: "[cron]" })
      assert.deepInclude(rows[5], { user: 1001, startSeconds: ten })
    }))

  it.effect("reads the table of OpenBSD", () =>
    Effect.gen(function*() {
      const rows = parsePs(yield* fixture("ps-openbsd.txt"))
      assert.strictEqual(rows.length, 3)
      assert.deepInclude(rows[2], { pid: 54_321, state: "S+pU", session: undefined, startSeconds: ten })
    }))

  it.each([
    ["0:00.01", 10],
    ["00:00:07", 7000],
    ["1-02:03:04", 93_784_000],
    ["100:30.50", 6_030_500],
    ["-", 0]
  ])("reads the time %s", (time, millis) => {
    assert.strictEqual(rowIn(`7 1 7 0 S 0 ${time} Fri Jan  2 10:00:00 2026 x`).cpuMillis, millis)
  })

  it("reads a command that is empty, or looks like the line of another process", () => {
    assert.strictEqual(rowIn("7 1 7 0 S Fri Jan  2 10:00:00 2026").command, "")
    const forged = "1 1 1 1 0 S Fri Jan  2 10:00:00 2026 x"
    assert.deepInclude(rowIn(`7 1 7 0 S Fri Jan  2 10:00:00 2026 ${forged}`), { pid: 7, command: forged })
  })

  it.prop("reads every command after the columns", { word: Schema.String }, ({ word }) => {
    const command = word.replaceAll(/[\n\r\u2028\u2029]/g, "")
    assert.strictEqual(rowIn(`7 1 7 9 0 Ss Fri Jan  2 10:00:00 2026 ${command}`).command, command.trim())
  })

  it.each(["", "ps: illegal option -- A", "7 1 7 0 S", "7 1 7 0 S 0 Fri Jan  2 10:00:00 2026 y"])(
    "has no row in %j",
    (text) => {
      assert.deepStrictEqual(parsePs(text), [])
    }
  )
})

describe("parseDate", () => {
  it.each([
    ["Thu Jan  1 00:00:00 1970", 0],
    ["Fri Jan  2 10:00:00 2026", ten],
    ["Fri Jan 02 10:00:00 2026\n", ten],
    ["Tue Feb 29 23:59:59 2028", 1_835_481_599],
    ["Fri Foo  2 10:00:00 2026", undefined],
    ["Mon Feb 30 10:00:00 2026", undefined],
    ["", undefined],
    ["-", undefined]
  ])("reads %j", (text, seconds) => {
    assert.strictEqual(parseDate(text), seconds)
  })
})

layer(NodeServices.layer)("sessionsOf", (it) => {
  it.effect("finds the leader among the parents where `ps` does not tell", () =>
    Effect.gen(function*() {
      const rows = parsePs(yield* fixture("ps-macos.txt"))
      const sessionOf = sessionsOf(rows)
      assert.deepStrictEqual(
        new Map(rows.map((one) => [one.pid, sessionOf(one)])),
        new Map([
          [1, 0],
          [312, 0],
          [900, 900],
          [901, 900],
          [1000, 900],
          [2000, 900],
          [2001, 900],
          [2002, 900],
          [2003, 2003],
          [2004, 2003],
          [2005, 900],
          [2006, 2006]
        ])
      )
    }))

  it("ends where parents go in a circle", () => {
    const rows = parsePs(
      "7 8 7 0 S Fri Jan  2 10:00:00 2026 x\n8 7 7 0 S Fri Jan  2 10:00:00 2026 x"
    )
    assert.deepStrictEqual(rows.map(sessionsOf(rows)), [0, 0])
  })
})

describe("carriesId", () => {
  it.each([
    ["agent", "agent HOME=/ ZAG_PROCESS_ID=a", true],
    ["agent", "HOME=/ ZAG_PROCESS_ID=a agent", true],
    ["agent", "agent ZAG_PROCESS_ID=ab", false],
    ["agent", "agent XZAG_PROCESS_ID=a", false],
    ["agent", "agent", false],
    ["grep ZAG_PROCESS_ID=a", "grep ZAG_PROCESS_ID=a HOME=/", false],
    ["grep ZAG_PROCESS_ID=a", "ZAG_PROCESS_ID=a grep ZAG_PROCESS_ID=a", true]
  ])("of %j and %j: %s", (command, withEnvironment, carries) => {
    assert.strictEqual(carriesId(command, withEnvironment, "a"), carries)
  })

  it("carries no empty id", () => {
    assert.isFalse(carriesId("agent", "agent ZAG_PROCESS_ID=", ""))
  })
})

describe("the options", () => {
  it("ask for a session only where there is a number", () => {
    for (const system of ["freebsd", "netbsd", "linux"]) assert.include(psColumns(system, false), "sid=")
    for (const system of ["darwin", "openbsd"]) assert.notInclude(psColumns(system, false), "sid=")
  })

  it("ask for what a process uses only where that is wanted, because `ps` may not be allowed to tell", () => {
    for (const column of ["rss=", "time="]) {
      assert.include(psColumns("darwin", true), column)
      assert.notInclude(psColumns("darwin", false), column)
    }
  })

  it("ask for the environment in the words of the system", () => {
    assert.deepStrictEqual(["darwin", "freebsd", "openbsd", "linux"].map(psEnvironment), ["-E", "-e", "-e", "e"])
  })
})

describe("sysctl", () => {
  it.each([
    ["{ sec = 1767322800, usec = 123456 } Fri Jan  2 03:00:00 2026\n", 1_767_322_800_000],
    ["Fri Jan  2 03:00:00 2026\n", 1_767_322_800_000],
    ["sysctl: unknown oid 'kern.boottime'\n", undefined],
    ["", undefined]
  ])("tells from %j when the boot was", (text, millis) => {
    assert.strictEqual(parseBootTime(text), millis)
  })

  it.each([
    ["4C8F2B7E-9D1A-4E0B-8C55-0123456789AB\n", "4C8F2B7E-9D1A-4E0B-8C55-0123456789AB"],
    ["Format: Length:16 Dump:0x4c8609698ad1a11cdc00cf6eb7d954e1\n", "4c8609698ad1a11cdc00cf6eb7d954e1"],
    ["", undefined],
    ["unknown\n", undefined]
  ])("tells from %j which boot it was", (text, id) => {
    assert.strictEqual(parseBootId(text), id)
  })
})
