import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { fromPlatform, type TreeMember } from "@zag/core/OsProcess"
import { Effect } from "effect"
import { bootScript, platform, processesScript } from "../../src/internal/windows.ts"
import { fakeSystem, type Script } from "../fakeSystem.ts"
import { fixture } from "../fixture.ts"

const ten = 1_767_348_000_000

const began = ten + 1250

/** Each look takes 500 ms; `pass` lets time go by. */
const windowsOf = (script: Script, options: Parameters<typeof fakeSystem>[1] = {}) => {
  const fake = fakeSystem(script, options)
  let clock = 0
  const host = {
    directory: "C:\\Windows",
    pid: 1000,
    parent: 5100,
    run: (program: string, args: ReadonlyArray<string>) => {
      clock += 500
      return fake.run(program, args)
    },
    kill: fake.kill,
    monotonic: () => clock
  }
  const pass = (millis: number) => {
    clock += millis
  }
  const windows = platform(host)
  return { fake, pass, windows, os: fromPlatform(windows) }
}

const windows = Effect.fnUntraced(
  function*(options: Parameters<typeof fakeSystem>[1] = {}, taskkill: number | "" = "") {
    const table = yield* fixture("windows-powershell-5.json")
    return windowsOf(({ args, program }) =>
      program.endsWith("taskkill.exe")
        ? taskkill
        : args.at(-1) === bootScript
        ? "{\"LastBootUpTime\":\"\\/Date(1767322799500)\\/\",\"SystemStart\":\"\\/Date(1767322800123)\\/\"}"
        : table, options)
  }
)

const query = { target: { pid: 2000, startTicks: began }, id: "agent-1", self: false, known: [] }

const child: TreeMember = {
  pid: 2004,
  startTicks: ten + 1300,
  parent: 2000,
  group: 0,
  session: 0,
  tagged: false,
  command: "cmd.exe /c npm test"
}

const pids = (members: ReadonlyArray<TreeMember>) => members.map(({ pid }) => pid)

layer(NodeServices.layer)("Windows", (it) => {
  it.effect("asks the PowerShell that is part of Windows, by its path", () =>
    Effect.gen(function*() {
      const { fake, os } = yield* windows({ there: [2000] })
      assert.deepStrictEqual(yield* os.inspect(2000), { _tag: "Running", startTime: began, startTicks: began })
      assert.deepStrictEqual(fake.asked, [{
        program: "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe",
        args: ["-NoLogo", "-NoProfile", "-NonInteractive", "-Command", processesScript]
      }])
      // A double quote would have to survive the command line.
      for (const script of [processesScript, bootScript]) assert.notInclude(script, "\"")
    }))

  it.effect("tells what a pid is", () =>
    Effect.gen(function*() {
      const { os } = yield* windows({ there: [4, 2001, 2500], foreign: [5100] })
      assert.strictEqual((yield* os.inspect(5100))._tag, "Running")
      assert.deepStrictEqual(yield* os.inspect(2500), { _tag: "Running", startTime: undefined })
      assert.deepStrictEqual(yield* os.inspect(2004), { _tag: "Gone" })
      // Windows would take it for 2000.
      assert.deepStrictEqual(yield* os.inspect(2001), { _tag: "Gone" })
    }))

  it.effect("looks once for those who only want to see, and anew for a signal", () =>
    Effect.gen(function*() {
      const { fake, os, pass } = yield* windows({ there: [2000, 2004] })
      yield* os.inspect(2000)
      yield* os.inspect(2004)
      assert.strictEqual(fake.asked.length, 1)
      yield* os.signal(2004, "SIGKILL", child.startTicks)
      assert.strictEqual(fake.asked.length, 2)
      pass(500)
      yield* os.inspect(2000)
      assert.strictEqual(fake.asked.length, 3)
      // Who ends meanwhile is gone at once.
      fake.there.delete(2000)
      assert.deepStrictEqual(yield* os.inspect(2000), { _tag: "Gone" })
    }))

  it.effect("knows a tree by its parents alone, without the caller and PowerShell", () =>
    Effect.gen(function*() {
      const { os } = yield* windows()
      assert.deepStrictEqual(yield* os.ancestors, [5100])
      assert.deepStrictEqual((yield* os.tree(query)).slice(1), [child])
      const explorer = { pid: 5100, startTicks: 1_767_323_000_500 }
      assert.deepStrictEqual(pids(yield* os.tree({ ...query, target: explorer })), [2000, 2004])
    }))

  it.effect("has no tree of the system", () =>
    Effect.gen(function*() {
      const { os } = yield* windows()
      for (const target of [{ pid: 4, startTicks: 1_767_322_800_123 }, { pid: 0, startTicks: undefined }]) {
        assert.deepStrictEqual(yield* os.tree({ ...query, target }), [])
      }
    }))

  it.effect("tells what processes use, from one look", () =>
    Effect.gen(function*() {
      const { fake, windows: { usage } } = yield* windows()
      assert.deepStrictEqual(
        usage([2000, 2500, 0], began + 60_000),
        new Map([[2000, { cpuPercent: 50, residentBytes: 204_800_000, elapsedMillis: 60_000 }]])
      )
      assert.strictEqual(fake.asked.length, 1)
    }))

  it.effect("knows a boot by when the kernel began, not by a time that moves with the clock", () =>
    Effect.gen(function*() {
      const { os } = yield* windows()
      const space = { bootId: "1767322800123", bootTime: 1_767_322_799_500, pidNamespace: undefined }
      assert.deepInclude(yield* os.space, space)
      assert.deepInclude(yield* windowsOf(() => 1).os.space, { bootId: undefined, bootTime: undefined })
    }))
})

layer(NodeServices.layer)("signals of Windows", (it) => {
  it.effect("asks windows to close for SIGTERM, which a program of the console ignores", () =>
    Effect.gen(function*() {
      for (const answer of ["", 1] as const) {
        const { fake, os } = yield* windows({ there: [2000] }, answer)
        yield* os.signal(2000, "SIGTERM", began)
        assert.deepStrictEqual(fake.asked.at(-1), {
          program: "C:\\Windows\\System32\\taskkill.exe",
          args: ["/PID", "2000"]
        })
        assert.deepStrictEqual(fake.signals, [])
      }
      const { os } = yield* windows({ there: [2000] }, 128)
      assert.strictEqual((yield* Effect.flip(os.signal(2000, "SIGTERM", began))).reason._tag, "NoSuchProcess")
    }))

  it.effect("ends a process for SIGKILL", () =>
    Effect.gen(function*() {
      const { fake, os } = yield* windows({ there: [2000], foreign: [5100] })
      yield* os.signal(2000, "SIGKILL", began)
      assert.deepStrictEqual(fake.signals, [[2000, "SIGKILL"]])
      for (const signal of ["SIGTERM", "SIGKILL"] as const) {
        assert.strictEqual((yield* Effect.flip(os.signal(5100, signal))).reason._tag, "NotPermitted")
      }
    }))

  it.effect.each(["SIGHUP", "SIGSTOP"] as const)(
    "refuses %s, which does not exist there",
    (signal) =>
      Effect.gen(function*() {
        const { fake, os } = yield* windows({ there: [2000] })
        const error = yield* Effect.flip(os.signal(2000, signal))
        assert.strictEqual(error.reason._tag, "SignalImpossible")
        assert.include(error.message, `${signal} cannot be sent to pid 2000: Windows has no ${signal}`)
        assert.deepStrictEqual(fake.signals, [])
      })
  )

  it.effect("never end a process by a number that Windows would take for another, nor the system", () =>
    Effect.gen(function*() {
      const { fake, os } = yield* windows({ there: [4, 2001, 2002, 2003] })
      for (const pid of [2001, 2002, 2003]) {
        assert.strictEqual((yield* Effect.flip(os.signal(pid, "SIGKILL"))).reason._tag, "NoSuchProcess")
      }
      assert.strictEqual((yield* Effect.flip(os.signal(4, "SIGKILL"))).reason._tag, "NotPermitted")
      assert.deepStrictEqual(fake.signals, [])
    }))

  it.effect.each([0, 1, -1, 2 ** 32 - 4, Number.NaN, 1000])("never reach %d", (pid) =>
    Effect.gen(function*() {
      const { fake, os } = yield* windows({ there: [pid] })
      for (const signal of ["SIGTERM", "SIGKILL"] as const) {
        assert.strictEqual((yield* Effect.flip(os.signal(pid, signal))).reason._tag, "PidRefused")
      }
      assert.deepStrictEqual(fake.asked, [])
      assert.deepStrictEqual(fake.signals, [])
    }))
})

const failures: ReadonlyArray<readonly [name: string, script: Script]> = [
  ["cannot be run", () => undefined],
  ["fails", () => 1],
  ["says nothing", () => ""],
  ["says something else", () => "Get-CimInstance : Access denied"],
  ["leaves out the caller", () => "[]"]
]

layer(NodeServices.layer)("when PowerShell fails", (it) => {
  it.effect.each(failures)(
    "because it %s, nobody counts as gone, and nobody is signalled",
    ([, script]) =>
      Effect.gen(function*() {
        const { fake, os } = windowsOf(script, { there: [2000, 2004] })
        assert.deepStrictEqual(yield* os.inspect(2000), { _tag: "Running", startTime: undefined })
        assert.deepStrictEqual(yield* os.inspect(2008), { _tag: "Gone" })
        assert.deepStrictEqual(yield* os.ancestors, [5100])
        const gone = { ...child, pid: 2008 }
        assert.deepStrictEqual(pids(yield* os.tree({ ...query, known: [child, gone] })), [2000, 2004])
        assert.deepStrictEqual(yield* os.usage([2000]), new Map())
        assert.strictEqual((yield* Effect.flip(os.signal(2000, "SIGKILL", began))).reason._tag, "SignalImpossible")
        assert.deepStrictEqual(fake.signals, [])
      })
  )
})
