import { assert, describe, it } from "@effect/vitest"
import { AuditRecord } from "@zag/core/AuditRecord"
import * as Zag from "@zag/core/node"
import { ProcessStore } from "@zag/core/ProcessStore"
import { Sidecar } from "@zag/core/Sidecar"
import * as Timestamp from "@zag/core/Timestamp"
import { ConfigProvider, Effect, Layer, Queue } from "effect"
import { ChildProcess, ChildProcessSpawner } from "effect/process"
import { eras } from "./connect.ts"
import * as Registry from "./Registry.ts"
import { makeHome, services, spawnClient } from "./spawnServer.ts"
import { subscribe } from "./subscribe.ts"

/** An agent that does nothing, and its entry, which is not in the registry yet. */
const makeAgent = Effect.fnUntraced(function*(id: string) {
  const spawner = yield* ChildProcessSpawner.ChildProcessSpawner
  const agent = yield* spawner.spawn(ChildProcess.make("sleep", ["600"]))
  return { agent, entry: Registry.entry({ id, pid: agent.pid, startedAt: yield* Timestamp.now }) }
})

const record = new AuditRecord({
  time: "2026-01-01T00:00:00Z",
  asker: "test",
  askerProcessId: null,
  id: "one",
  pid: 2001,
  startTicks: null,
  verified: false,
  signal: "SIGHUP",
  outcome: "sent"
})

const [one, all, audit, list] = ["zag://processes/one", "zag://processes", "zag://audit", "list"] as const

describe.each(eras)("a server for revision $revision", ({ mode }) => {
  it.live("tells a client what other programs and processes do, once, until it does not want it any more", () =>
    Effect.gen(function*() {
      const { env } = yield* makeHome
      const world = yield* Layer.build(
        Zag.layer.pipe(
          Layer.provide(services),
          Layer.provide(ConfigProvider.layer(ConfigProvider.fromEnv({ env })))
        )
      )
      yield* Effect.gen(function*() {
        const store = yield* ProcessStore
        const { agent, entry } = yield* makeAgent("one")
        const { entry: other } = yield* makeAgent("other")
        const [client, witness] = yield* Effect.all([spawnClient(mode, env), spawnClient(mode, env)], {
          concurrency: "unbounded"
        })
        const { heard, unsubscribe } = yield* subscribe(client, [one, all, audit])

        /** All that is heard of what has just happened: the audit, which is told last, shows that it is all. */
        const expectHeard = Effect.fnUntraced(function*(expected: ReadonlyArray<string>) {
          assert.deepStrictEqual(yield* Queue.takeN(heard, expected.length), expected)
          yield* (yield* Sidecar).audit([record])
          assert.strictEqual(yield* Queue.take(heard), audit)
        })

        yield* store.add(entry)
        yield* expectHeard([one, all, list])
        yield* store.add(other)
        yield* expectHeard([all, list])
        yield* agent.kill({ killSignal: "SIGKILL" })
        yield* expectHeard([one, all, list])
        yield* store.updateStatus("one", "killed", null)
        yield* expectHeard([one, all, list])
        yield* store.updateStatus("other", "exited", 0)
        yield* expectHeard([all, list])

        yield* unsubscribe
        const { heard: heardByWitness } = yield* subscribe(witness, [one])
        yield* store.remove("one")
        assert.deepStrictEqual(yield* Queue.takeN(heardByWitness, 2), [one, list])
        // Whatever it had been told would have come before this answer.
        yield* Effect.promise(() => client.listTools())
        assert.deepStrictEqual(yield* Queue.clear(heard), [])
      }).pipe(Effect.provide(world))
    }).pipe(Effect.scoped, Effect.provide(services)))
})
