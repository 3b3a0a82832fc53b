/**
 * What a writer without a lock overwrites at the very moment it was written.
 */
import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { ProcessStore } from "@zag/core/ProcessStore"
import { Context, Effect, Exit, FileSystem, Layer, Option, Scope } from "effect"
import * as RealTime from "../src/internal/realTime.ts"
import { entryOf } from "./entryOf.ts"
import { layerStore, makeHome, openStore } from "./storeOnDisk.ts"

const none = "{\"processes\":[]}"

/** A store beside a writer that saves an older content right after each of the next writes, as soon as it is told what. */
const openBeside = Effect.fnUntraced(function*(directory: string, scope: Scope.Scope) {
  const file = `${directory}/processes.json`
  const neighbour: { saves: string; times: number } = { saves: none, times: 0 }
  const layer = layerStore(directory, (fs) => ({
    rename: (from, to) =>
      Effect.gen(function*() {
        yield* fs.rename(from, to)
        if (to !== file || neighbour.times === 0) return
        neighbour.times--
        yield* fs.writeFileString(`${file}.other`, neighbour.saves)
        yield* fs.rename(`${file}.other`, file)
      })
  }))
  const store = Context.get(yield* Scope.provide(Layer.build(layer), scope), ProcessStore)
  return { neighbour, store }
})

const contentOf = (directory: string) =>
  Effect.map(Effect.flatMap(openStore(directory), ({ load }) => load), ({ entries }) => entries)

const a = entryOf({ id: "a", pid: 1 })

layer(NodeServices.layer)("a change that somebody without a lock is faster with, each time", (it) => {
  it.effect("is made when there is a pause, and nothing of theirs is lost", () =>
    Effect.gen(function*() {
      const { directory, file } = yield* makeHome(none)
      let faster = 0
      const layer = layerStore(directory, (fs) => ({
        // The new content is made from what was read before; here it is written.
        open: (path, options) =>
          Effect.gen(function*() {
            if (options?.flag === "wx" && faster < 30) {
              const theirs = `{"processes":[{"id":"theirs-${++faster}"}]}`
              yield* fs.writeFileString(`${file}.other`, theirs)
              yield* fs.rename(`${file}.other`, file)
            }
            return yield* fs.open(path, options)
          })
      }))
      yield* Effect.scoped(Effect.flatMap(Layer.build(layer), (services) => Context.get(services, ProcessStore).add(a)))
      const content = yield* (yield* FileSystem.FileSystem).readFileString(file)
      assert.strictEqual(faster, 30)
      assert.include(content, "\"id\": \"theirs-30\"")
      assert.include(content, "\"id\": \"a\"")
    }))
})

layer(NodeServices.layer)("a change that is overwritten at once", (it) => {
  it.effect.each<
    readonly [string, (store: ProcessStore["Service"]) => Effect.Effect<unknown, unknown>, ReadonlyArray<object>]
  >([
    ["a new pid", (store) => store.updatePid("a", 5), [entryOf({ id: "a", pid: 5 })]],
    ["a removal", (store) => store.remove("a"), []],
    ["a new entry", (store) => store.add(entryOf({ id: "b" })), [a, entryOf({ id: "b" })]],
    ["an entry in place of the old one", (store) => store.add(entryOf({ id: "a", pid: 9 })), [
      entryOf({ id: "a", pid: 9 })
    ]]
  ])("stands in the file before the scope is closed: %s", ([, change, expected]) =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { directory, file } = yield* makeHome(none)
      yield* (yield* openStore(directory)).add(a)
      const scope = yield* Scope.make()
      const { neighbour, store } = yield* openBeside(directory, scope)
      Object.assign(neighbour, { saves: yield* fs.readFileString(file), times: 1 })
      yield* change(store)
      // It was overwritten. What the file has from then on nobody can tell: it may be restored already.
      assert.strictEqual(neighbour.times, 0)
      yield* Scope.close(scope, Exit.void)
      assert.deepStrictEqual(yield* contentOf(directory), expected)
    }))

  it.effect("is there before the scope is closed, however long the disk takes", () =>
    Effect.gen(function*() {
      const { directory, file } = yield* makeHome(none)
      const layer = layerStore(directory, (fs) => ({
        rename: (from, to) =>
          Effect.gen(function*() {
            yield* fs.rename(from, to)
            if (written++ > 0) return
            yield* fs.writeFileString(`${file}.other`, none)
            yield* fs.rename(`${file}.other`, file)
          }),
        // The directory, to sync it: longer than a program that ends waits to look at the file.
        open: (path, options) =>
          Effect.andThen(path === directory ? RealTime.pause(100) : Effect.void, fs.open(path, options))
      }))
      let written = 0
      yield* Effect.scoped(Effect.flatMap(Layer.build(layer), (services) => Context.get(services, ProcessStore).add(a)))
      assert.deepStrictEqual(yield* contentOf(directory), [a])
      assert.strictEqual(written, 2)
    }))

  // Each of them may have loaded what the one before had saved.
  it.effect("is there before the scope is closed, however often it is overwritten again", () =>
    Effect.gen(function*() {
      const { directory } = yield* makeHome(none)
      const scope = yield* Scope.make()
      const { neighbour, store } = yield* openBeside(directory, scope)
      neighbour.times = 12
      yield* store.add(a)
      yield* Scope.close(scope, Exit.void)
      assert.strictEqual(neighbour.times, 0)
      assert.deepStrictEqual(yield* contentOf(directory), [a])
    }))

  it.effect("is there for the next change", () =>
    Effect.gen(function*() {
      const { directory } = yield* makeHome(none)
      const scope = yield* Scope.make()
      const { neighbour, store } = yield* openBeside(directory, scope)
      neighbour.times = 1
      yield* store.add(a)
      assert.isTrue(Option.isSome(yield* store.updatePid("a", 5)))
      assert.deepStrictEqual(yield* contentOf(directory), [entryOf({ id: "a", pid: 5 })])
      yield* Scope.close(scope, Exit.void)
      assert.deepStrictEqual(yield* contentOf(directory), [entryOf({ id: "a", pid: 5 })])
    }))

  it.effect("does not come back when we have removed it since", () =>
    Effect.gen(function*() {
      const { directory } = yield* makeHome(none)
      const scope = yield* Scope.make()
      const { neighbour, store } = yield* openBeside(directory, scope)
      neighbour.times = 1
      yield* store.add(a)
      assert.isTrue(yield* store.remove("a"))
      yield* Scope.close(scope, Exit.void)
      assert.deepStrictEqual(yield* contentOf(directory), [])
    }))

  it.effect("leaves what the other one has saved meanwhile", () =>
    Effect.gen(function*() {
      const { directory } = yield* makeHome(none)
      const scope = yield* Scope.make()
      const { neighbour, store } = yield* openBeside(directory, scope)
      Object.assign(neighbour, { saves: "{\"theirs\":1.0,\"processes\":[{\"id\":\"theirs\"}]}", times: 1 })
      yield* store.add(a)
      yield* Scope.close(scope, Exit.void)
      const content = yield* (yield* FileSystem.FileSystem).readFileString(`${directory}/processes.json`)
      assert.include(content, "\"theirs\": 1.0")
      assert.include(content, "\"id\": \"theirs\"")
      assert.include(content, "\"id\": \"a\"")
    }))
})
