/**
 * `zag ps list --watch`: the list as it is now, until somebody has seen enough.
 */
import * as NodeTerminal from "@effect/platform-node/NodeTerminal"
import { ProcessControl } from "@zag/core/ProcessControl"
import type { ProcessControlError } from "@zag/core/ProcessControlError"
import type { ProcessInfo } from "@zag/core/ProcessInfo"
import type { ProcessList } from "@zag/core/ProcessList"
import type { ProcessOrder } from "@zag/core/ProcessOrder"
import { ProcessStore } from "@zag/core/ProcessStore"
import type { ProcessStoreError } from "@zag/core/ProcessStoreError"
import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as Terminal from "effect/Terminal"
import type { NoCurrentDirectory } from "../commands/ps/filterFlags.ts"
import type * as ProcessColumn from "../ProcessColumn.ts"
import * as ProcessText from "../ProcessText.ts"
import * as Screen from "../Screen.ts"
import * as SignalText from "../SignalText.ts"
import * as Unreadable from "../Unreadable.ts"
import * as Job from "./job.ts"
import * as Model from "./model.ts"
import * as ScreenOfTerminal from "./screen.ts"
import * as View from "./view.ts"

type Problem = NoCurrentDirectory | ProcessControlError | ProcessStoreError

export interface Options<R> {
  /** What is asked for, but for what keys can change. */
  readonly ask: (
    options: { readonly running: boolean; readonly sort: ProcessOrder | undefined }
  ) => Effect.Effect<ProcessList, Problem, R>
  readonly running: boolean
  readonly sort: ProcessOrder | undefined
  readonly shown: ReadonlyArray<ProcessColumn.Name> | undefined
  /** What else narrows the list, in words. */
  readonly narrowed: (now: number) => ReadonlyArray<string>
  /** How often it is looked whether those that run still do. */
  readonly interval: Duration.Duration
}

/** A moment at which the list may have changed: the registry did, or some time has passed. */
const moments = (interval: Duration.Duration) =>
  Stream.unwrap(Effect.map(ProcessStore, ({ subscribe }) => {
    const told = Stream.unwrap(
      // What has changed before that is seen by looking once more.
      Effect.map(subscribe, (changes) => Stream.concat(Stream.succeed(undefined), changes))
    ).pipe(
      // Beside a damaged registry nothing is told. When it is looked at again, something may have happened.
      Stream.catch(() => Stream.succeed(undefined)),
      Stream.repeat(Schedule.spaced("1 second"))
    )
    // What is told begins with a look already.
    return Stream.merge(told, Stream.drop(Stream.tick(interval), 1))
  }))

/** Why the screen is given back. */
type End = "left" | "suspended" | "continued"

type Event =
  | { readonly _tag: "Key"; readonly key: Model.Key }
  | { readonly _tag: "Listed"; readonly list: ProcessList }
  | { readonly _tag: "Unlisted"; readonly problem: string }
  | { readonly _tag: "Told"; readonly message: string }
  | { readonly _tag: "Resized" }
  | { readonly _tag: "Ended"; readonly end: End }

const keyOf = ({ input, key }: Terminal.UserInput): Model.Key => ({
  name: key.name,
  ctrl: key.ctrl,
  text: key.ctrl || key.meta ? "" : Option.getOrElse(input, () => "")
})

// Keys, not the end of the input: all of them are for the model.
const terminal = NodeTerminal.make(() => false)

const onScreen = Effect.fnUntraced(function*<R>(options: Options<R>) {
  const control = yield* ProcessControl
  const colors = yield* Screen.colors
  const events = yield* Queue.unbounded<Event>()
  const wanted = yield* Queue.sliding<void>(1)
  let state = Model.initial(options)

  const refresh = Effect.suspend(() => options.ask(state)).pipe(
    Effect.match({
      onSuccess: (list): Event => ({ _tag: "Listed", list }),
      onFailure: ({ message }): Event => ({ _tag: "Unlisted", problem: message })
    }),
    Effect.flatMap((event) => Queue.offer(events, event))
  )

  // What cannot be answered is told in lines, before there is a screen.
  state = Model.listed(state, yield* options.ask(state))

  // Made before there is a screen, so that this is left first; what has begun goes on to its end.
  const kills = yield* FiberSet.make()
  yield* Effect.addFinalizer(() => FiberSet.awaitEmpty(kills))

  const kill = (process: ProcessInfo) =>
    control.kill(process).pipe(
      Effect.match({ onSuccess: SignalText.killed, onFailure: ({ message }) => message }),
      Effect.flatMap((message) => Queue.offer(events, { _tag: "Told", message })),
      Effect.uninterruptible,
      FiberSet.run(kills, { startImmediately: true })
    )

  const ends = (end: End) => () => void Queue.offerUnsafe(events, { _tag: "Ended", end })

  /** Has the screen until something ends that. */
  const screen = Effect.gen(function*() {
    const { columns, readInput, rows, size } = yield* Terminal.Terminal
    yield* Job.onSignal("SIGHUP", ends("left"))
    yield* Job.onSignal("SIGTSTP", ends("suspended"))
    // Whoever had the terminal meanwhile has set it as they need it.
    yield* Job.onSignal("SIGCONT", ends("continued"))
    // Before the screen: a program in the background is stopped here.
    const keys = yield* readInput
    const draw = yield* ScreenOfTerminal.make
    yield* Stream.fromQueue(yield* size).pipe(
      Stream.runForEach(() => Queue.offer(events, { _tag: "Resized" })),
      Effect.forkScoped
    )
    yield* Stream.fromQueue(keys).pipe(
      Stream.runForEach((input) => Queue.offer(events, { _tag: "Key", key: keyOf(input) })),
      // A terminal that is gone.
      Effect.andThen(Effect.sync(ends("left"))),
      Effect.forkScoped
    )

    while (true) {
      const now = yield* Clock.currentTimeMillis
      const page: View.Page = {
        // A terminal may not know its size.
        columns: (yield* columns) || 80,
        rows: (yield* rows) || 24,
        now,
        colors,
        shown: options.shown,
        narrowed: options.narrowed(now)
      }
      yield* draw(View.lines(state, page))
      let asked = false
      let ended: End | undefined
      for (const event of yield* Queue.takeAll(events)) {
        switch (event._tag) {
          case "Ended":
            ended = event.end
            break
          case "Resized":
            break
          case "Listed":
            state = Model.listed(state, event.list)
            break
          case "Unlisted":
            state = { ...state, problem: event.problem }
            break
          case "Told":
            state = { ...state, message: event.message }
            break
          case "Key": {
            // Nobody has answered a question that was not on the screen yet.
            if (asked) break
            const step = Model.press(state, event.key, View.pageSize(page.rows))
            asked = step.state.mode._tag === "Confirm"
            state = step.state
            if (step.action?._tag === "Quit") return "left"
            if (step.action?._tag === "Suspend") ended = "suspended"
            if (step.action?._tag === "Kill") yield* kill(step.action.target)
            if (step.action?._tag === "Refresh") yield* Queue.offer(wanted, undefined)
          }
        }
      }
      if (ended !== undefined) return ended
    }
  }).pipe(Effect.provideServiceEffect(Terminal.Terminal, terminal), Effect.scoped)

  const screens = Effect.gen(function*() {
    while (true) {
      const end = yield* screen
      if (end === "left") return
      if (end === "suspended") yield* Job.stop
      yield* Queue.offer(wanted, undefined)
    }
  })

  const looking = Effect.all([
    Stream.runForEach(moments(options.interval), () => Queue.offer(wanted, undefined)),
    Effect.forever(Effect.andThen(Queue.take(wanted), refresh))
  ], { concurrency: "unbounded", discard: true })

  // A defect of one ends the other: a screen that does not change any more would lie.
  yield* Effect.raceFirst(screens, looking)
})

const noTerminal = Effect.fnUntraced(function*<R>(options: Options<R>) {
  const columns = yield* Screen.columns
  const isTerminal = yield* Screen.isTerminal
  const colors = yield* Screen.colors
  let last: string | undefined
  const print = Effect.gen(function*() {
    const { processes, unreadable, usage } = yield* options.ask(options)
    const table = (now: number) =>
      processes.length === 0
        ? "No processes found."
        : ProcessText.table(processes, { now, columns, isTerminal, colors, shown: options.shown, usage })
    // That time passes is no news.
    const news = table(0)
    if (news === last) return
    yield* Unreadable.warn(unreadable)
    const text = table(yield* Clock.currentTimeMillis)
    yield* Console.log(last === undefined ? text : `\n${text}`)
    last = news
  })
  yield* print
  // Once there is a list it goes on beside a damaged registry, as the screen does.
  let problem: string | undefined
  const goOn = print.pipe(
    Effect.tap(() => Effect.sync(() => problem = undefined)),
    Effect.catch(({ message }) => {
      if (message === problem) return Effect.void
      problem = message
      return Console.error(`Warning: ${message}`)
    })
  )
  yield* Stream.runForEach(moments(options.interval), () => goOn)
})

/** Shows the list until somebody leaves it; where there is no terminal, prints it again each time it has changed. */
export const run = Effect.fn("Watch.run")(function*<R>(options: Options<R>) {
  return yield* (yield* Screen.canAsk)
    ? Effect.scoped(onScreen(options))
    : noTerminal(options)
})
