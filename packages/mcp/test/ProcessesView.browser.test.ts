import { assert, describe, layer } from "@effect/vitest"
import { ProcessStore } from "@zag/core/ProcessStore"
import { ProcessTable } from "@zag/core/testing"
import * as Timestamp from "@zag/core/Timestamp"
import { Effect, Schedule } from "effect"
import { fileURLToPath } from "node:url"
import * as Registry from "./Registry.ts"
import { Chromium, executable } from "./view/Chromium.ts"
import { showView } from "./view/showView.ts"

const artifact = (name: string) => fileURLToPath(new URL(`artifacts/${name}.png`, import.meta.url))

const yes = { action: "accept", content: { confirm: true } } as const

/** Looks like other text than it is, and would do harm as HTML. */
const hostile = Registry.entry({
  id: "eeee-1",
  pid: 2009,
  provider: "</td><script>throw new Error('script')</script>",
  prompt: "<img src=x onerror=\"throw new Error('img')\"> \u202Edlrow\u202C olleh\u2028next",
  root: "/tmp/<b>bold</b>"
})

/** What people have. */
const usual = Effect.gen(function*() {
  const store = yield* ProcessStore
  yield* store.add(Registry.entry({
    id: "0b6f2a9c-41d7-4a53-9d0e-5b7f0c3f8a11",
    pid: Registry.obedient.pid,
    startedAt: yield* Timestamp.now,
    root: "/home/ada/src/compiler/packages/frontend",
    prompt: "Find out why the incremental build forgets about deleted files, and write a test that shows it"
  }))
})

const active = "*:focus"

/** What a page has, of which the types of Node know nothing. */
interface Styled {
  getComputedStyle(element: object): { readonly backgroundColor: string; readonly color: string }
}

const suite = executable === undefined ? describe.skip : describe

suite(
  `in Chromium${executable === undefined ? ", of which there is none in /usr/bin" : ""}`,
  { timeout: 120_000 },
  () => {
    layer(Chromium.layer, { timeout: "120 seconds", excludeTestServices: true })((it) => {
      it.effect("shows what runs first, and what others wrote as text only", () =>
        Effect.gen(function*() {
          yield* (yield* ProcessStore).add(hostile)
          const { rowOf, view } = yield* showView()
          yield* Effect.promise(() => rowOf("aaaa-1").waitFor())
          const ids = yield* Effect.promise(() => view.locator(".id").allTextContents())
          assert.deepStrictEqual(ids, ["aaaa-1", "aaaa-2", "bbbb-1", "dddd-1", "eeee-1", "cccc-1"])
          const row = rowOf("eeee-1")
          const text = (part: string) => Effect.promise(() => row.locator(part).textContent())
          assert.strictEqual(yield* text(".provider"), hostile.provider)
          assert.strictEqual(yield* text(".prompt"), "<img src=x onerror=\"throw new Error('img')\"> dlrow olleh next")
          assert.strictEqual(yield* text(".directory"), hostile.root)
          assert.strictEqual(yield* Effect.promise(() => row.locator("img, b, script").count()), 0)
          const summary = yield* Effect.promise(() => view.getByRole("status").first().textContent())
          assert.strictEqual(summary, "6 processes, 3 running")
        }).pipe(Effect.provide(Registry.layer)))

      it.effect("follows what happens, and the theme of the client", () =>
        Effect.gen(function*() {
          const store = yield* ProcessStore
          const { change, hasStatus, page, rowOf, view } = yield* showView()
          yield* hasStatus("aaaa-1", "running")
          yield* usual
          yield* Effect.promise(() => rowOf("0b6f2a9c").waitFor())
          yield* store.updateStatus("aaaa-1", "exited", 0)
          yield* hasStatus("aaaa-1", "exited")
          assert.strictEqual(yield* Effect.promise(() => rowOf("aaaa-1").getByRole("button").count()), 0)

          const colours = Effect.promise(() =>
            view.locator("body").evaluate((body) => {
              const { backgroundColor, color } = (globalThis as unknown as Styled).getComputedStyle(body)
              return [backgroundColor, color]
            })
          )
          const take = (name: string) => Effect.promise(() => page.screenshot({ path: artifact(name) }))
          assert.deepStrictEqual(yield* colours, ["rgb(255, 255, 255)", "rgb(27, 27, 31)"])
          yield* take("processes-light")
          yield* change({ theme: "dark" })
          yield* Effect.promise(() => view.locator("html[style*=\"dark\"]").waitFor())
          assert.deepStrictEqual(yield* colours, ["rgb(27, 27, 31)", "rgb(236, 236, 241)"])
          yield* Effect.promise(() => rowOf("0b6f2a9c").getByRole("button").press("Enter"))
          yield* take("processes-dark")
          yield* change({ theme: "dark", styles: { variables: { "--color-background-primary": "rgb(0, 0, 64)" } } })
          yield* Effect.promise(() => view.locator("html[style*=\"64\"]").waitFor())
          assert.strictEqual((yield* colours)[0], "rgb(0, 0, 64)")
        }).pipe(Effect.provide(Registry.layer)))

      it.effect("kills by keyboard alone, once it was asked twice and the person through the client", () =>
        Effect.gen(function*() {
          const { asked, hasStatus, page, rowOf, told, view } = yield* showView({ answers: [yes] })
          yield* hasStatus("aaaa-1", "running")
          const press = (key: string) => Effect.promise(() => page.keyboard.press(key))
          const isAt = (name: string) =>
            Effect.promise(() => view.getByRole("button", { name, exact: true }).and(view.locator(active)).waitFor())

          yield* press("Tab")
          yield* Effect.promise(() => view.getByRole("region").and(view.locator(active)).waitFor())
          yield* press("Tab")
          yield* isAt("Kill: claude aaaa-1")
          yield* press("Enter")
          yield* isAt("Cancel: claude aaaa-1")
          yield* press("Escape")
          yield* isAt("Kill: claude aaaa-1")
          yield* press("Space")
          yield* isAt("Cancel: claude aaaa-1")
          assert.lengthOf(asked, 0)
          yield* press("Shift+Tab")
          yield* isAt("Really kill: claude aaaa-1")
          yield* press("Enter")
          yield* hasStatus("aaaa-1", "killed")
          yield* Effect.promise(() => view.getByText("claude aaaa-1: killed").waitFor())
          yield* Effect.promise(() => view.getByRole("region").and(view.locator(active)).waitFor())

          assert.lengthOf(asked, 1)
          assert.include(asked[0], "aaaa-1")
          assert.strictEqual(yield* Effect.promise(() => rowOf("aaaa-1").getByRole("button").count()), 0)
          const signals = yield* (yield* ProcessTable).signals
          assert.deepStrictEqual(Array.from(new Set(signals.map(({ pid }) => pid))), [Registry.obedient.pid])
          assert.lengthOf(told, 1)
        }).pipe(Effect.provide(Registry.layer)))

      it.effect("shows why nothing was killed, and offers it again", () =>
        Effect.gen(function*() {
          const { asked, rowOf, told, view } = yield* showView({ answers: [{ action: "decline" }] })
          const button = (name: string) => rowOf("aaaa-1").getByRole("button", { name: `${name}: ` })
          yield* Effect.promise(() => button("Kill").click())
          yield* Effect.promise(() => button("Really kill").click())
          yield* Effect.promise(() => view.getByText("Not done: the person you work for does not want you").waitFor())
          yield* Effect.promise(() => view.getByRole("button", { name: "Kill: claude aaaa-1", exact: true }).waitFor())
          assert.lengthOf(asked, 1)
          assert.lengthOf(told, 0)
          assert.deepStrictEqual(yield* (yield* ProcessTable).signals, [])
        }).pipe(Effect.provide(Registry.layer)))

      it.effect("says that it is not up to date, until it is again", () =>
        Effect.gen(function*() {
          let isBroken = true
          const { view } = yield* showView({
            instead: () => isBroken ? { isError: true, content: [{ type: "text", text: "No registry" }] } : undefined
          })
          const alert = view.getByRole("alert").filter({ hasText: "Not up to date: No registry" })
          yield* Effect.promise(() => alert.waitFor())
          isBroken = false
          yield* Effect.promise(() => alert.waitFor({ state: "detached" }))
        }).pipe(Effect.provide(Registry.layer)))

      it.effect("has no buttons where the server only reads", () =>
        Effect.gen(function*() {
          const { calls, hasStatus, view } = yield* showView({ readOnly: true })
          yield* hasStatus("aaaa-1", "running")
          assert.strictEqual(yield* Effect.promise(() => view.getByRole("button").count()), 0)
          assert.include(calls, "list_processes")
        }).pipe(Effect.provide(Registry.layer)))

      it.effect("shows the answer of the tool in a client that calls no tools for it", () =>
        Effect.gen(function*() {
          const { calls, hasStatus, view } = yield* showView({ capabilities: {} })
          yield* hasStatus("aaaa-1", "running")
          assert.strictEqual(yield* Effect.promise(() => view.getByRole("button").count()), 0)
          assert.deepStrictEqual(calls, [])
        }).pipe(Effect.provide(Registry.layer)))

      it.effect("rests while nobody sees it, and when it is to end", () =>
        Effect.gen(function*() {
          const { calls, end, hasStatus, page, view } = yield* showView({
            prepare: (page) => Effect.promise(() => page.clock.install())
          })
          yield* hasStatus("aaaa-1", "running")
          const pass = (milliseconds: number) => Effect.promise(() => page.clock.runFor(milliseconds))
          const see = (isSeen: boolean) =>
            Effect.promise(() =>
              view.locator("body").evaluate(({ ownerDocument }, hidden) => {
                Object.defineProperty(ownerDocument, "hidden", { value: hidden, configurable: true })
                ownerDocument.dispatchEvent(new Event("visibilitychange"))
              }, !isSeen)
            )
          yield* see(false)
          const before = calls.length
          yield* pass(20_000)
          yield* see(true)
          yield* Effect.suspend(() => calls.length > before ? Effect.void : Effect.fail("none yet")).pipe(
            Effect.retry(Schedule.spaced("20 millis"))
          )
          yield* end
          yield* pass(20_000)
          yield* see(true)
          yield* pass(20_000)
          assert.lengthOf(calls, before + 1)
        }).pipe(Effect.provide(Registry.layer)))
    })
  }
)
