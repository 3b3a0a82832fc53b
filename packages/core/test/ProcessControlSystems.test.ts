/**
 * Stop and kill on systems that are not this one, and on those whose programs
 * fail. Nothing real is asked or signalled.
 */
import { assert, describe, it } from "@effect/vitest"
import { fromPlatform, OsProcess, type Platform } from "@zag/core/OsProcess"
import { ProcessControl } from "@zag/core/ProcessControl"
import { ProcessStore } from "@zag/core/ProcessStore"
import { Sidecar } from "@zag/core/Sidecar"
import { layerSessions } from "@zag/core/testing"
import { Effect, Layer } from "effect"
import * as Ps from "../src/internal/ps.ts"
import * as Windows from "../src/internal/windows.ts"
import { entryOf } from "./entryOf.ts"
import { fakeSystem, type Script } from "./fakeSystem.ts"
import { inTime, kill, reason } from "./treeTable.ts"

const entry = entryOf({ id: "it", pid: 2000, startedAt: "2026-01-02T10:00:00Z" })

const servicesOf = (platform: Platform) =>
  ProcessControl.layer.pipe(
    Layer.provide(layerSessions()),
    Layer.provideMerge(Layer.merge(ProcessStore.layerMemory, Sidecar.layerMemory)),
    Layer.provideMerge(Layer.succeed(OsProcess, fromPlatform(platform)))
  )

/** Runs with an agent 2000 that has a child 2004. */
const on = (platform: Platform) => <A, E>(effect: Effect.Effect<A, E, ProcessControl | ProcessStore>) =>
  Effect.gen(function*() {
    yield* (yield* ProcessStore).add(entry)
    return yield* inTime(effect)
  }).pipe(Effect.provide(servicesOf(platform)))

/** A system on which `ending` ends a process; what it says is true unless `script` says something else. */
const systemOf = (
  print: (pids: ReadonlyArray<number>) => string,
  ending: (signal: string, pid: number) => boolean,
  script: Script = () => ""
) => {
  const fake = fakeSystem((asked) => {
    const answer = script(asked)
    if (answer !== "") return answer
    return print(Array.from(fake.there))
  }, { there: [1000, 2000, 2004] })
  const endingKill: typeof fake.kill = (pid, signal) => {
    const failure = fake.kill(pid, signal)
    if (failure === undefined && signal !== 0 && ending(signal, pid)) fake.there.delete(pid)
    return failure
  }
  return { fake, run: fake.run, kill: endingKill }
}

const parentOf = (pid: number) => pid === 2004 ? 2000 : 0

const json = (pids: ReadonlyArray<number>) =>
  `[${
    pids.map((pid) =>
      `{"ProcessId":${pid},"ParentProcessId":${parentOf(pid)},"CreationDate":"2026-01-02T10:00:00Z",` +
      "\"CommandLine\":\"agent\",\"Name\":null,\"WorkingSetSize\":0,\"KernelModeTime\":0,\"UserModeTime\":0}"
    ).join(",")
  }]`

const windowsOf = (ending: (signal: string) => boolean) => {
  const system = systemOf(json, ending)
  const host = { directory: "C:\\Windows", pid: 1000, parent: 0, monotonic: () => 0 }
  return { ...system, platform: Windows.platform({ ...host, run: system.run, kill: system.kill }) }
}

const lines = (pids: ReadonlyArray<number>) =>
  pids.map((pid) => `${pid} ${parentOf(pid)} ${pid} 501 S Fri Jan  2 10:00:00 2026 agent\n`).join("")

const macosOf = (ending: (signal: string, pid: number) => boolean, script?: Script) => {
  const system = systemOf(lines, ending, script)
  const host = { system: "darwin", pid: 1000, parent: 0, user: 501 }
  return { ...system, platform: Ps.platform({ ...host, run: system.run, kill: system.kill }) }
}

describe("on Windows", () => {
  it.effect("`stop` says that there is no SIGHUP", () => {
    const { fake, platform } = windowsOf(() => true)
    return Effect.gen(function*() {
      const refused = yield* reason(Effect.flatMap(ProcessControl, (control) => control.stop("it")))
      assert.strictEqual(refused._tag, "SignalRefused")
      assert.include(refused.message, "Windows has no SIGHUP; `kill` ends the process")
      assert.deepStrictEqual(fake.signals, [])
    }).pipe(on(platform))
  })

  it.effect("`kill` ends a tree that ignores SIGTERM and cannot be stopped", () => {
    const { fake, platform } = windowsOf((signal) => signal === "SIGKILL")
    return Effect.gen(function*() {
      assert.deepInclude(yield* kill(), { status: "killed", signal: "SIGKILL" })
      assert.deepStrictEqual(fake.signals, [[2000, "SIGKILL"], [2004, "SIGKILL"]])
      const closed = fake.asked.filter(({ program }) => program.endsWith("taskkill.exe"))
      assert.deepStrictEqual(closed.map(({ args }) => args), [["/PID", "2000"], ["/PID", "2004"]])
    }).pipe(on(platform))
  })
})

describe("on macOS", () => {
  it.effect("`kill` ends a tree", () => {
    const { fake, platform } = macosOf((signal) => signal === "SIGTERM")
    return Effect.gen(function*() {
      assert.deepInclude(yield* kill(), { status: "killed", signal: "SIGTERM" })
      assert.deepStrictEqual(fake.signals, [[2000, "SIGTERM"], [2004, "SIGTERM"]])
    }).pipe(on(platform))
  })

  it.effect("`kill` signals nobody when `ps` fails after the first look", () => {
    let looks = 0
    const { fake, platform } = macosOf(() => true, ({ args }) => args.includes("-p") && looks++ === 0 ? "" : 1)
    return Effect.gen(function*() {
      const refused = yield* reason(kill())
      assert.strictEqual(refused._tag, "SignalRefused")
      assert.include(refused.message, "when it began cannot be read at the moment")
      assert.deepStrictEqual(fake.signals, [])
    }).pipe(on(platform))
  })

  it.effect("`kill` does not call those ended that `ps` does not show any more", () => {
    const { fake, platform } = macosOf((_, pid) => pid === 2000, () => fake.signals.length < 2 ? "" : undefined)
    return Effect.gen(function*() {
      const left = yield* reason(kill())
      if (left._tag !== "StillAlive") return assert.fail(left._tag)
      assert.deepStrictEqual(left.survivors.map(({ pid }) => pid), [2004])
      assert.include(left.survivors[0]?.why, "could not be signalled: when it began cannot be read")
      assert.deepStrictEqual(fake.signals, [[2000, "SIGTERM"], [2004, "SIGTERM"]])
    }).pipe(on(platform))
  })
})
