import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { fromPlatform, type TreeMember } from "@zag/core/OsProcess"
import { Effect } from "effect"
import { platform } from "../../src/internal/ps.ts"
import { type Asked, fakeSystem, type Script } from "../fakeSystem.ts"
import { fixture } from "../fixture.ts"

const tenMillis = 1_767_348_000_000
const ten = tenMillis / 1000

const osOf = (system: string, fake: ReturnType<typeof fakeSystem>) =>
  fromPlatform(platform({
    system,
    pid: 1000,
    parent: 901,
    user: system === "darwin" ? 501 : 1001,
    run: fake.run,
    kill: fake.kill
  }))

/** `ps` with one table for every question, of which a question for one pid gets its line. */
const psOf = (table: string, withEnvironment: string): Script => ({ args }: Asked) => {
  const one = args.indexOf("-p")
  if (one === -1) return args.includes("-E") || args.includes("-e") ? withEnvironment : table
  return table.split("\n").find((line) => line.trimStart().startsWith(`${args[one + 1]} `)) ?? 1
}

const macos = Effect.fnUntraced(function*(there: ReadonlyArray<number>, foreign: ReadonlyArray<number> = []) {
  const script = psOf(yield* fixture("ps-macos.txt"), yield* fixture("ps-macos-environment.txt"))
  const fake = fakeSystem(script, { there, foreign })
  return { fake, os: osOf("darwin", fake) }
})

const query = { target: { pid: 2000, startTicks: ten }, id: "agent-1", self: false, known: [] }

const member: TreeMember = {
  pid: 2001,
  startTicks: ten + 1,
  parent: 2000,
  group: 2000,
  session: 900,
  tagged: false,
  command: "/bin/sleep 600"
}

const pids = (members: ReadonlyArray<TreeMember>) => members.map(({ pid }) => pid)

layer(NodeServices.layer)("ps of other systems", (it) => {
  it.effect("tells what a pid is", () =>
    Effect.gen(function*() {
      const { os } = yield* macos([2000, 2002, 2999], [900])
      assert.deepStrictEqual(yield* os.inspect(2000), { _tag: "Running", startTime: tenMillis, startTicks: ten })
      assert.strictEqual((yield* os.inspect(900))._tag, "Running")
      assert.deepStrictEqual(yield* os.inspect(2002), { _tag: "Zombie" })
      // `kill` knows it, and `ps` does not.
      assert.deepStrictEqual(yield* os.inspect(2999), { _tag: "Running", startTime: undefined })
      assert.deepStrictEqual(yield* os.inspect(2001), { _tag: "Gone" })
    }))

  it.effect("asks nobody about what is no pid", () =>
    Effect.gen(function*() {
      const { fake, os } = yield* macos([0, -1, 1.5])
      for (const pid of [0, -1, 1.5, Number.NaN, 2 ** 31]) {
        assert.deepStrictEqual(yield* os.inspect(pid), { _tag: "Gone" })
      }
      assert.deepStrictEqual(fake.asked, [])
    }))

  it.effect("finds on macOS the group, the children and those that carry the id, but not who searches for it", () =>
    Effect.gen(function*() {
      const { os } = yield* macos([2000])
      const members = yield* os.tree(query)
      assert.deepStrictEqual(pids(members), [2000, 2001, 2003, 2004])
      assert.deepStrictEqual(members.map(({ tagged }) => tagged), [true, false, true, false])
      assert.deepStrictEqual(members[1], member)
    }))

  it.effect("finds on FreeBSD those that carry the id, where the environment comes first", () =>
    Effect.gen(function*() {
      const table = yield* fixture("ps-freebsd.txt")
      const os = osOf("freebsd", fakeSystem(psOf(table, yield* fixture("ps-freebsd-environment.txt"))))
      const members = yield* os.tree({ ...query, target: undefined })
      assert.deepStrictEqual(pids(members), [2000, 2001])
      assert.isTrue(members.every(({ tagged }) => tagged))
    }))

  it.effect("leaves out the caller, its ancestors and the first process", () =>
    Effect.gen(function*() {
      const { os } = yield* macos([])
      assert.deepStrictEqual(yield* os.ancestors, [901, 900, 312, 1])
      const shell = { pid: 901, startTicks: 1_767_345_001 }
      assert.deepStrictEqual(pids(yield* os.tree({ ...query, id: "", target: shell })), [2000, 2001, 2005])
      for (const pid of [1, 1000]) {
        assert.deepStrictEqual(yield* os.tree({ ...query, id: "", target: { pid, startTicks: undefined } }), [])
      }
    }))

  it.effect("leaves out `ps` itself, which is a child of the caller", () =>
    Effect.gen(function*() {
      const table = `${yield* fixture("ps-macos.txt")} 3000 1000 1000 501 R+ Fri Jan  2 10:00:09 2026 ps -A\n`
      const os = osOf("darwin", fakeSystem(psOf(table, table)))
      const shell = { pid: 901, startTicks: 1_767_345_001 }
      assert.deepStrictEqual(pids(yield* os.tree({ ...query, id: "", target: shell })), [2000, 2001, 2005])
    }))

  it.effect("looks again for the environment of who is new", () =>
    Effect.gen(function*() {
      const line = " 2010     1  2010   501 S    Fri Jan  2 10:00:09 2026 node late.js"
      const [table, environment] = [yield* fixture("ps-macos.txt"), yield* fixture("ps-macos-environment.txt")]
      let looks = 0
      const fake = fakeSystem(({ args }) => {
        if (!args.includes("-E")) return `${table}${line}\n`
        return looks++ === 0 ? environment : `${environment}${line} ZAG_PROCESS_ID=agent-1\n`
      })
      assert.deepStrictEqual(pids(yield* osOf("darwin", fake).tree({ ...query, target: undefined })), [
        2000,
        2001,
        2003,
        2004,
        2010
      ])
      assert.strictEqual(looks, 2)
    }))

  it.effect("tells what processes use, from one look", () =>
    Effect.gen(function*() {
      const [table, withUsage] = [yield* fixture("ps-macos.txt"), yield* fixture("ps-macos-usage.txt")]
      const fake = fakeSystem(({ args }) => args.includes("rss=") ? withUsage : table)
      const { usage } = platform({
        system: "darwin",
        pid: 1000,
        parent: 901,
        user: 501,
        run: fake.run,
        kill: fake.kill
      })
      assert.deepStrictEqual(
        usage([2000, 2002, 2999, 2001], tenMillis + 60_000),
        new Map([
          [2000, { cpuPercent: 50, residentBytes: 204_800 * 1024, elapsedMillis: 60_000 }],
          [2001, { cpuPercent: 1000 / 59_000, residentBytes: 1024 * 1024, elapsedMillis: 59_000 }]
        ])
      )
      assert.strictEqual(fake.asked.length, 1)
      assert.deepStrictEqual(usage([], tenMillis), new Map())
      assert.strictEqual(fake.asked.length, 1)
      // The clock was set back.
      assert.deepInclude(usage([2000], tenMillis - 1).get(2000), { cpuPercent: 0, elapsedMillis: 0 })
    }))

  it.effect("knows a boot by its id, and not by its time, which moves with the clock", () =>
    Effect.gen(function*() {
      const time = "{ sec = 1767322800, usec = 123456 } Fri Jan  2 03:00:00 2026\n"
      const sysctl = (id: string): Script => ({ args, program }) =>
        program !== "sysctl"
          ? undefined
          : args.includes("kern.boottime")
          ? time
          : args.includes(id)
          ? "0x" + "4c".repeat(16)
          : 1
      const known = { bootId: "4c".repeat(16), bootTime: 1_767_322_800_000, pidNamespace: undefined }
      for (const [system, id] of [["freebsd", "kern.boot_id"], ["darwin", "kern.bootsessionuuid"]] as const) {
        assert.deepInclude(yield* osOf(system, fakeSystem(sysctl(id))).space, known)
      }
      assert.deepInclude(yield* osOf("openbsd", fakeSystem(sysctl(""))).space, { ...known, bootId: undefined })
      assert.deepInclude(yield* osOf("darwin", fakeSystem(() => undefined)).space, {
        bootId: undefined,
        bootTime: undefined
      })
    }))
})

layer(NodeServices.layer)("when ps may not tell what processes use", (it) => {
  it.effect("they are known all the same", () =>
    Effect.gen(function*() {
      const known = psOf(yield* fixture("ps-macos.txt"), yield* fixture("ps-macos-environment.txt"))
      const script: Script = (asked) => asked.args.includes("rss=") ? 1 : known(asked)
      const os = osOf("darwin", fakeSystem(script, { there: [2000] }))
      assert.deepInclude(yield* os.inspect(2000), { startTicks: ten })
      assert.strictEqual((yield* os.tree(query)).length, 4)
      assert.deepStrictEqual(yield* os.usage([2000]), new Map())
    }))
})

const failures: ReadonlyArray<readonly [name: string, script: Script]> = [
  ["cannot be run", () => undefined],
  ["fails", () => 1],
  ["says nothing", () => ""],
  ["says something else", () => "ps: illegal option -- A\n"],
  ["leaves out the caller", () => "    1     0     1     0 Ss   Fri Jan  2 03:00:00 2026 /sbin/launchd\n"]
]

layer(NodeServices.layer)("when ps fails", (it) => {
  it.effect.each(failures)("because it %s, nobody counts as gone", ([, script]) =>
    Effect.gen(function*() {
      const fake = fakeSystem(script, { there: [2000, 2001] })
      const os = osOf("darwin", fake)
      assert.deepStrictEqual(yield* os.inspect(2000), { _tag: "Running", startTime: undefined })
      assert.deepStrictEqual(yield* os.inspect(2003), { _tag: "Gone" })
      assert.deepStrictEqual(yield* os.ancestors, [901])
      assert.deepStrictEqual(yield* os.usage([2000]), new Map())
      const gone = { ...member, pid: 2003 }
      assert.deepStrictEqual(pids(yield* os.tree({ ...query, known: [member, gone] })), [2000, 2001])
    }))

  it.effect.each(failures)(
    "because it %s, nobody is signalled who may be another one",
    ([, script]) =>
      Effect.gen(function*() {
        const fake = fakeSystem(script, { there: [2000] })
        const os = osOf("darwin", fake)
        const error = yield* Effect.flip(os.signal(2000, "SIGKILL", ten))
        assert.strictEqual(error.reason._tag, "SignalImpossible")
        assert.include(error.message, "SIGKILL cannot be sent to pid 2000: when it began cannot be read")
        assert.strictEqual((yield* Effect.flip(os.signal(2003, "SIGKILL", ten))).reason._tag, "NoSuchProcess")
        assert.deepStrictEqual(fake.signals, [])
      })
  )
})

layer(NodeServices.layer)("signals", (it) => {
  it.effect("reach only the process that began then", () =>
    Effect.gen(function*() {
      const { fake, os } = yield* macos([2000, 2002], [900])
      yield* os.signal(2000, "SIGTERM", ten)
      assert.deepStrictEqual(fake.signals, [[2000, "SIGTERM"]])
      for (const [pid, ticks] of [[2000, ten - 1], [2002, ten + 2], [2001, ten + 1]] as const) {
        assert.strictEqual((yield* Effect.flip(os.signal(pid, "SIGTERM", ticks))).reason._tag, "NoSuchProcess")
      }
      assert.strictEqual((yield* Effect.flip(os.signal(900, "SIGTERM"))).reason._tag, "NotPermitted")
      assert.strictEqual(fake.signals.length, 1)
    }))

  it.effect.each([0, 1, -1, -2000, 1.5, 2 ** 31, 2 ** 32 - 1, Number.NaN, 1000])(
    "never reach %d",
    (pid) =>
      Effect.gen(function*() {
        const { fake, os } = yield* macos([pid])
        for (const signal of ["SIGHUP", "SIGTERM", "SIGSTOP", "SIGKILL"] as const) {
          assert.strictEqual((yield* Effect.flip(os.signal(pid, signal))).reason._tag, "PidRefused")
        }
        assert.deepStrictEqual(fake.asked, [])
        assert.deepStrictEqual(fake.signals, [])
      })
  )
})
