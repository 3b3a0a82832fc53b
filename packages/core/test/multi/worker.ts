/**
 * One program among several on one registry. It says on its output what it is
 * about to do and what was acknowledged, and goes on when its input says so.
 *
 * `worker.ts <home> <role> <name> <count>`
 */
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import * as Zag from "@zag/core/node"
import { ProcessRegistration } from "@zag/core/ProcessRegistration"
import { ProcessStore } from "@zag/core/ProcessStore"
import { SessionLog } from "@zag/core/SessionLog"
import { Sidecar } from "@zag/core/Sidecar"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import type * as Path from "effect/Path"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import { entryOf } from "../entryOf.ts"
import { found } from "../sessions.ts"

const [home, role, name, count] = process.argv.slice(2) as [string, string, string, string]

const words = Effect.runSync(Queue.unbounded<void>())
process.stdin.on("data", () => Queue.offerUnsafe(words, undefined))
// Whoever started this one is gone.
process.stdin.once("end", () => process.exit())

const told = Queue.take(words)

/** Tells of a change before it is asked for and after it was acknowledged. */
const telling = <A, E, R>(what: string, change: Effect.Effect<A, E, R>) =>
  Console.log(`intent ${what}`).pipe(Effect.andThen(change), Effect.tap(() => Console.log(`done ${what}`)))

const add = (id: string) =>
  Effect.flatMap(ProcessStore, (store) => telling(`${id} 1`, store.add(entryOf({ id, pid: 1 }))))

const update = (id: string, pid: number) =>
  Effect.flatMap(ProcessStore, (store) => telling(`${id} ${pid}`, store.updatePid(id, pid)))

const remove = (id: string) => Effect.flatMap(ProcessStore, (store) => telling(`${id} none`, store.remove(id)))

type Role = Effect.Effect<
  unknown,
  unknown,
  FileSystem.FileSystem | Path.Path | ProcessStore | ProcessRegistration | Scope.Scope | Sidecar
>

const roles: Readonly<Record<string, Role>> = {
  /** Adds entries one after the other. */
  insert: Effect.forEach(Array.from({ length: Number(count) }, (_, n) => n), (n) => add(`${name}-${n}`)),
  /** Adds, changes and removes entries, one round after another. */
  change: Effect.gen(function*() {
    for (let n = 0; n < Number(count); n++) {
      yield* add(`${name}-${n}`)
      yield* update(`${name}-${n}`, n + 2)
      if (n % 3 !== 0) yield* remove(`${name}-${n}`)
    }
  }),
  register: Effect.gen(function*() {
    const { id } = yield* (yield* ProcessRegistration).register({ provider: name })
    yield* Console.log(id)
    yield* told
  }),
  /** Records results in the log of a session, one after the other, and says how many kilobytes of memory that took. */
  results: Effect.gen(function*() {
    const log = yield* SessionLog
    const session = found({ log_path: `${home}/log` })
    for (let n = 0; n < Number(count); n++) yield* log.record({ session, result: `${name}-${n}`, since: undefined })
    yield* Console.log(process.resourceUsage().maxRSS)
  }).pipe(Effect.provide(SessionLog.layer)),
  lock: Effect.flatMap(Sidecar, (sidecar) => sidecar.withLock(() => Effect.andThen(Console.log("locked"), told))),
  /** Counts in a file that only the lock protects. */
  count: Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const sidecar = yield* Sidecar
    for (let n = 0; n < Number(count); n++) {
      yield* sidecar.withLock(() =>
        Effect.flatMap(
          fs.readFileString(`${home}/counter`),
          (before) => fs.writeFileString(`${home}/counter`, String(Number(before) + 1))
        )
      )
    }
  })
}

const program = Effect.gen(function*() {
  yield* Console.log("ready")
  yield* told
  yield* Effect.scoped(roles[role]!)
  yield* Console.log("finished")
})

await program.pipe(
  Effect.provide(Zag.layer.pipe(Layer.provideMerge(Layer.mergeAll(NodeFileSystem.layer, NodePath.layer)))),
  Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromEnv({ env: { ZAG_HOME: home } })),
  Effect.ensuring(Effect.sync(() => process.stdin.removeAllListeners().destroy())),
  Effect.runPromise
)
