/**
 * The layer for macOS and the BSDs with the `ps` of Linux, which takes nearly the
 * same options.
 */
import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { OsProcess } from "@zag/core/OsProcess"
import { ProcessControl } from "@zag/core/ProcessControl"
import { ProcessStore } from "@zag/core/ProcessStore"
import { Sidecar } from "@zag/core/Sidecar"
import { layerSessions } from "@zag/core/testing"
import * as Timestamp from "@zag/core/Timestamp"
import { Effect, Layer, Random } from "effect"
import { entryOf } from "./entryOf.ts"
import { isAlive, start, startAgent, startAndEnd, startZombie, until } from "./realProcess.ts"

/** A process with a child that left its group, its session and its parent; both with an id that no other test has. */
const startTree = Effect.gen(function*() {
  const id = `posix-${process.pid}-${yield* Random.nextIntBetween(1, 1e12)}`
  const script = "sleep 600 & echo $!; (setsid sleep 600 & echo $!); echo ready; exec sleep 600"
  const { children, pid } = yield* startAgent(id, script)
  assert.strictEqual(children.length, 2)
  yield* Effect.addFinalizer(() =>
    Effect.gen(function*() {
      for (const child of children) if (child > 1 && (yield* isAlive(child))) process.kill(child, "SIGKILL")
    }).pipe(Effect.provide(NodeServices.layer))
  )
  return { id, pid, children }
})

const ascending = (pids: Iterable<number>) => Array.from(pids).toSorted((one, other) => one - other)

layer(Layer.merge(OsProcess.layerPosix, NodeServices.layer), { excludeTestServices: true })(
  "OsProcess.layerPosix",
  (it) => {
    it.effect.skipIf(process.platform !== "linux")(
      "knows what Linux knows, to the second",
      () =>
        Effect.gen(function*() {
          const linux = yield* Effect.provide(OsProcess, Layer.fresh(OsProcess.layerLinux))
          const os = yield* OsProcess
          const { pid } = yield* start("sleep", "600")
          const state = yield* os.inspect(pid)
          const exact = yield* linux.inspect(pid)
          if (state._tag !== "Running" || exact._tag !== "Running") return assert.fail(state._tag)
          assert.strictEqual(state.startTicks! * 1000, state.startTime)
          assert.isAtMost(Math.abs(state.startTime! - exact.startTime!), 1000)
          assert.deepStrictEqual(yield* os.inspect(pid), state)
          assert.deepStrictEqual(yield* os.ancestors, yield* linux.ancestors)
        })
    )

    it.effect.skipIf(process.platform !== "linux")("knows a zombie, and who is gone", () =>
      Effect.gen(function*() {
        const os = yield* OsProcess
        const { parent, pid } = yield* startZombie
        assert.deepStrictEqual(yield* os.inspect(pid), { _tag: "Zombie" })
        assert.strictEqual((yield* os.inspect(parent))._tag, "Running")
        assert.deepStrictEqual(yield* os.inspect(yield* startAndEnd), { _tag: "Gone" })
        assert.deepStrictEqual(Array.from((yield* os.usage([pid, parent])).keys()), [parent])
      }))

    it.effect.each([0, -1, 1.5, 2_147_483_648, 4_294_967_295])("has no process %d", (pid) =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* (yield* OsProcess).inspect(pid), { _tag: "Gone" })
      }))

    it.effect.skipIf(process.platform !== "linux")(
      "finds a tree, ends it, and sees that it is gone",
      () =>
        Effect.gen(function*() {
          const os = yield* OsProcess
          const { children, id, pid } = yield* startTree
          const state = yield* os.inspect(pid)
          if (state._tag !== "Running") return assert.fail(state._tag)
          const look = os.tree({ target: { pid, startTicks: state.startTicks }, id, self: false, known: [] })
          // Until each of them runs its own program.
          const isReady = Effect.map(
            look,
            (members) =>
              members.length === 3 && members.every(({ command, tagged }) => tagged && command === "sleep 600")
          )
          yield* until(isReady)
          const members = yield* look
          assert.deepStrictEqual(ascending(members.map((one) => one.pid)), ascending([pid, ...children]))

          const usage = yield* os.usage([pid, ...children])
          assert.deepStrictEqual(ascending(usage.keys()), ascending([pid, ...children]))
          for (const { residentBytes } of usage.values()) assert.isAbove(residentBytes, 100_000)

          // Signalled is only who was started here.
          for (const member of members) {
            assert.include([pid, ...children], member.pid)
            const wrong = os.signal(member.pid, "SIGKILL", member.startTicks! - 1)
            assert.strictEqual((yield* Effect.flip(wrong)).reason._tag, "NoSuchProcess")
            assert.isTrue(yield* isAlive(member.pid))
            yield* os.signal(member.pid, "SIGKILL", member.startTicks)
          }
          yield* until(Effect.map(look, (left) => left.length === 0))
          for (const one of [pid, ...children]) assert.isFalse(yield* isAlive(one))
        })
    )

    it.effect.skipIf(process.platform !== "linux")("ends a tree by `kill`", () =>
      Effect.gen(function*() {
        const { children, id, pid } = yield* startTree
        const services = ProcessControl.layer.pipe(
          Layer.provide(layerSessions()),
          Layer.provideMerge(Layer.merge(ProcessStore.layerMemory, Sidecar.layerMemory)),
          Layer.provideMerge(OsProcess.layerPosix)
        )
        const outcome = yield* Effect.gen(function*() {
          yield* (yield* ProcessStore).add(entryOf({ id, pid, startedAt: yield* Timestamp.now }))
          return yield* (yield* ProcessControl).kill(id)
        }).pipe(Effect.provide(services))
        assert.strictEqual(outcome.status, "killed")
        for (const one of [pid, ...children]) assert.isFalse(yield* isAlive(one))
      }))

    it.effect("does not take the arguments of a program for its environment", () =>
      Effect.gen(function*() {
        const id = `posix-${process.pid}-${yield* Random.nextIntBetween(1, 1e12)}`
        const { pid } = yield* start("sh", "-c", "sleep 600; exit", `ZAG_PROCESS_ID=${id}`)
        const os = yield* OsProcess
        assert.strictEqual((yield* os.inspect(pid))._tag, "Running")
        assert.deepStrictEqual(yield* os.tree({ target: undefined, id, self: false, known: [] }), [])
      }))
  }
)
