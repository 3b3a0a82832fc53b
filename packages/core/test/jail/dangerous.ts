/**
 * Runs inside a pid namespace of its own (see `Jail.test.ts`): asks for every
 * signal that could reach all processes, a group, the first process, the caller
 * or somebody else, and prints what came of it. Nothing out there can be hit.
 */
import { OsProcess } from "@zag/core/OsProcess"
import { ProcessControl } from "@zag/core/ProcessControl"
import { ProcessStore } from "@zag/core/ProcessStore"
import { Sidecar } from "@zag/core/Sidecar"
import * as Timestamp from "@zag/core/Timestamp"
import { ZagHome } from "@zag/core/ZagHome"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import { entryOf } from "../entryOf.ts"
import { outcome, type Report, runPrisoner } from "./prisoner.ts"

const [home, bystander] = process.argv.slice(2) as [string, string]

const group = 2 ** 32 - process.pid

const dangerous: Readonly<Record<string, number>> = {
  "the caller's group": 0,
  "the first process": 1,
  "all processes, as unsigned": 4_294_967_295,
  "the first process's group, as unsigned": 4_294_967_294,
  "the caller's own group, as unsigned": group,
  "the smallest number that is no pid": 2_147_483_648,
  "the caller": process.pid,
  "the caller's parent": process.ppid
}

const program = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const os = yield* OsProcess
  const control = yield* ProcessControl
  const store = yield* ProcessStore
  const report: Report = {}

  const register = Effect.fnUntraced(function*(pid: number) {
    yield* store.add(entryOf({ id: "it", pid, startedAt: yield* Timestamp.now }))
  })

  for (const [name, pid] of Object.entries(dangerous)) {
    yield* register(pid)
    for (const handle of name === "the caller's parent" ? ["it"] : ["it", "self"]) {
      report[`stop ${handle}: ${name}`] = yield* outcome(control.stop(handle))
      report[`kill ${handle}: ${name}`] = yield* outcome(control.kill(handle, { grace: 0 }))
    }
    for (const signal of name === "the caller's parent" ? [] : ["SIGHUP", "SIGTERM", "SIGKILL"] as const) {
      report[`${signal}: ${name}`] = yield* outcome(os.signal(pid, signal))
    }
  }
  for (const pid of [-1, -process.pid, 1.5, Number.NaN]) {
    report[`SIGTERM: ${pid === -process.pid ? "-own" : pid}`] = yield* outcome(os.signal(pid, "SIGTERM"))
  }

  // From here on as a user who owns nothing: neither the bystander nor the files.
  yield* register(Number(bystander))
  yield* fs.chown(home, 65_534, 65_534)
  yield* fs.chown(`${home}/processes.json`, 65_534, 65_534)
  yield* fs.makeDirectory(`${home}/closed`, { mode: 0o700 })
  yield* fs.makeDirectory(`${home}/readable`, { mode: 0o755 })
  yield* fs.writeFileString(`${home}/readable/processes.json`, "{\"processes\":[]}", { mode: 0o644 })
  yield* fs.makeDirectory(`${home}/secret`, { mode: 0o755 })
  yield* fs.writeFileString(`${home}/secret/processes.json`, "{\"processes\":[]}", { mode: 0o600 })
  process.setgroups!([])
  process.setgid!(65_534)
  process.setuid!(65_534)

  report["show: another user's process"] = (yield* control.show("it")).liveStatus
  report["stop: another user's process"] = yield* outcome(control.stop("it"))
  report["kill: another user's process"] = yield* outcome(control.kill("it", { grace: 0 }))
  report["stored: another user's process"] = (yield* control.show("it")).status

  const foreign = Number(bystander)
  report["SIGTERM: another user's process"] = yield* outcome(os.signal(foreign, "SIGTERM"))
  for (const [name, layer] of [["Linux", OsProcess.layerLinux], ["POSIX", OsProcess.layerPosix]] as const) {
    const there = Effect.provide(OsProcess, Layer.fresh(layer))
    report[`on ${name}: inspect`] = (yield* Effect.flatMap(there, (os) => os.inspect(foreign)))._tag
    report[`on ${name}: another user's process`] = yield* outcome(
      Effect.flatMap(there, (os) => os.signal(foreign, "SIGKILL"))
    )
  }

  const mine = yield* control.resolve("it")
  for (const place of ["closed", "secret", "readable"]) {
    const layer = Layer.fresh(ProcessStore.layer).pipe(
      Layer.provide(Layer.fresh(Sidecar.layerSqlite)),
      Layer.provide(ZagHome.layerAt(`${home}/${place}`)),
      Layer.orDie
    )
    const there = Effect.provide(ProcessStore, layer)
    report[`read: ${place}`] = yield* outcome(Effect.flatMap(there, (store) => store.load))
    report[`write: ${place}`] = yield* outcome(Effect.flatMap(there, (store) => store.add(mine)))
  }
  return report
})

await runPrisoner(home, program)
