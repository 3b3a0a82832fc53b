import { NodeServices } from "@effect/platform-node"
import { assert, describe, it, layer } from "@effect/vitest"
import { OsProcess, type PidState, refuse } from "@zag/core/OsProcess"
import { OsProcessError } from "@zag/core/OsProcessError"
import { Clock, Effect, FileSystem, Layer } from "effect"
import { isGone, start, startAndEnd, startScript, startThreads, startZombie, until } from "./realProcess.ts"

const refused = [
  [0, "process group"],
  [-0, "process group"],
  [1, "first process"],
  [-1, "no process id"],
  [-4711, "no process id"],
  [1.5, "no process id"],
  [2_147_483_648, "no process id"],
  [4_294_967_295, "no process id"],
  [Number.NaN, "no process id"],
  [Number.POSITIVE_INFINITY, "no process id"],
  [1000, "the program that asks"]
] as const

describe("refuse", () => {
  it.each(refused)("refuses %d", (pid, words) => {
    const refusal = refuse(pid, 1000)
    assert.include(refusal?.message, words)
    assert.include(refusal?.message, `pid ${pid} is never signalled`)
  })

  it.each([2, 999, 1001, 4_194_304, 2_147_483_647])("lets %d pass", (pid) => {
    assert.isUndefined(refuse(pid, 1000))
  })
})

/** The parents of a process as `/proc` has them in another file than the code under test reads. */
const parents = Effect.fnUntraced(function*(pid: number) {
  const fs = yield* FileSystem.FileSystem
  const chain: Array<number> = []
  for (let next = pid; next !== 0;) {
    next = Number(/^PPid:\t(\d+)$/m.exec(yield* fs.readFileString(`/proc/${next}/status`))![1])
    if (next !== 0) chain.push(next)
  }
  assert.isAtLeast(chain.length, 1)
  return chain
})

const real = (os: Layer.Layer<OsProcess>) => Layer.merge(os, NodeServices.layer)

describe.skipIf(process.platform !== "linux")("on Linux", () => {
  layer(real(OsProcess.layerLinux), { excludeTestServices: true })("OsProcess.layerLinux", (it) => {
    it.effect("knows a running process, and when it started", () =>
      Effect.gen(function*() {
        const os = yield* OsProcess
        const before = yield* Clock.currentTimeMillis
        const { pid } = yield* start("sleep", "600")
        const state = yield* os.inspect(pid)
        const after = yield* Clock.currentTimeMillis
        if (state._tag !== "Running" || state.startTime === undefined) return assert.fail(state._tag)
        assert.isAbove(state.startTime, before - 5000)
        assert.isBelow(state.startTime, after + 5000)
        assert.deepStrictEqual(yield* os.inspect(pid), state)
      }))

    it.effect("knows a process whose name looks like the end of a name", () =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const os = yield* OsProcess
        const directory = yield* fs.makeTempDirectoryScoped()
        yield* fs.symlink("/bin/sleep", `${directory}/a) Z 0 (b`)
        const { pid } = yield* start(`${directory}/a) Z 0 (b`, "600")
        assert.strictEqual(yield* fs.readFileString(`/proc/${pid}/comm`), "a) Z 0 (b\n")
        const state = yield* os.inspect(pid)
        if (state._tag !== "Running" || state.startTime === undefined) return assert.fail(state._tag)
        assert.isBelow(Math.abs(state.startTime - (yield* Clock.currentTimeMillis)), 5000)
      }))

    it.effect("knows that a process is gone", () =>
      Effect.gen(function*() {
        const pid = yield* startAndEnd
        assert.deepStrictEqual(yield* (yield* OsProcess).inspect(pid), { _tag: "Gone" })
      }))

    it.effect("knows a zombie", () =>
      Effect.gen(function*() {
        const { parent, pid } = yield* startZombie
        const os = yield* OsProcess
        assert.deepStrictEqual(yield* os.inspect(pid), { _tag: "Zombie" })
        assert.strictEqual((yield* os.inspect(parent))._tag, "Running")
      }))

    it.effect("knows a thread", () =>
      Effect.gen(function*() {
        const { pid, thread } = yield* startThreads
        const os = yield* OsProcess
        assert.deepStrictEqual(yield* os.inspect(thread), { _tag: "Thread" })
        assert.strictEqual((yield* os.inspect(pid))._tag, "Running")
      }))

    it.effect.each([0, -1, 1.5, 2_147_483_648, 4_294_967_295, Number.NaN, 4_194_305])(
      "has no process %d",
      (pid) =>
        Effect.gen(function*() {
          assert.deepStrictEqual(yield* (yield* OsProcess).inspect(pid), { _tag: "Gone" })
        })
    )

    it.effect("sees of many at once what it sees of each", () =>
      Effect.gen(function*() {
        const os = yield* OsProcess
        const running = yield* start("sleep", "600")
        const zombie = yield* startZombie
        const { pid: owner, thread } = yield* startThreads
        const some = [process.pid, running.pid, zombie.pid, zombie.parent, owner, yield* startAndEnd, 0, -1, 1.5, NaN]
        const each = yield* Effect.forEach(some, os.inspect)
        assert.deepStrictEqual(yield* os.inspectAll(some), each)
        assert.deepStrictEqual(yield* os.inspectAll([]), [])
        // So many that they are looked up in a list of all processes, which has no threads.
        const nobody = Array.from({ length: 1000 }, (_, i) => 2_000_000_000 + i)
        const gone: PidState = { _tag: "Gone" }
        assert.deepStrictEqual(
          yield* os.inspectAll([...nobody, ...some, thread]),
          [...nobody.map(() => gone), ...each, gone]
        )
        // One after the other is the same process.
        assert.deepStrictEqual(
          yield* os.inspectAll(Array.from({ length: 1000 }, () => running.pid)),
          Array.from({ length: 1000 }, () => each[1]!)
        )
      }))

    it.effect("knows this program and those that started it", () =>
      Effect.gen(function*() {
        const os = yield* OsProcess
        assert.strictEqual(os.pid, process.pid)
        assert.deepStrictEqual(yield* os.ancestors, yield* parents(process.pid))
      }))
  })
})

for (const [name, os] of [["layerLinux", OsProcess.layerLinux], ["layerPosix", OsProcess.layerPosix]] as const) {
  layer(real(os), { excludeTestServices: true })(`OsProcess.${name}`, (it) => {
    it.effect.each(["SIGTERM", "SIGHUP", "SIGKILL"] as const)("sends %s", (signal) =>
      Effect.gen(function*() {
        const { handle, pid } = yield* startScript(
          "trap 'exit 7' HUP; trap 'exit 8' TERM; echo ready; while :; do sleep 0.05; done"
        )
        yield* (yield* OsProcess).signal(pid, signal)
        const code = yield* Effect.exit(handle.exitCode)
        const expected = { SIGHUP: 7, SIGTERM: 8, SIGKILL: undefined }[signal]
        assert.strictEqual(code._tag === "Success" ? Number(code.value) : undefined, expected)
        yield* until(isGone(pid))
      }))

    it.effect("cannot signal a process that is gone", () =>
      Effect.gen(function*() {
        const error = yield* Effect.flip((yield* OsProcess).signal(yield* startAndEnd, "SIGTERM"))
        assert.instanceOf(error, OsProcessError)
        assert.strictEqual(error.reason._tag, "NoSuchProcess")
        assert.include(error.message, "there is no process with pid")
      }))
  })
}

describe("OsProcess.layer", () => {
  it.live("is the layer of this system", () =>
    Effect.gen(function*() {
      const state = yield* (yield* OsProcess).inspect(process.pid)
      assert.strictEqual(state._tag, "Running")
      assert.isTrue("startTime" in state && state.startTime !== undefined)
    }).pipe(Effect.provide(OsProcess.layer)))
})
