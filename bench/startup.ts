/**
 * How long `zag ps list --json` takes from start to end, with 100 and with
 * 10,000 entries, and how much memory, against a Node that does nothing, and
 * against `pm2 jlist` and `fkill --version` where those are on the path. All
 * take turns, so that a machine that slows down slows all.
 *
 * Run it with `npm run bench`, after a build.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as ChildProcess from "effect/process/ChildProcess"
import * as ChildProcessSpawner from "effect/process/ChildProcessSpawner"
import * as Stream from "effect/Stream"
import { fileURLToPath } from "node:url"
import { makeHome } from "./store/registry.ts"

const zag = fileURLToPath(new URL("../packages/cli/bin/zag.cjs", import.meta.url))
const rounds = 31

// The most that it had at one time, in kilobytes. `maxRSS` would be at least what this program has, which started it.
const reportMemory = "data:text/javascript,import fs from 'node:fs'; process.on('exit', () => " +
  "process.stderr.write(/VmHWM:\\s+(\\d+)/.exec(fs.readFileSync('/proc/self/status', 'utf8'))[1]))"

interface Subject {
  readonly name: string
  readonly command: ReadonlyArray<string>
  readonly home: string
}

const median = (values: ReadonlyArray<number>): number => values.toSorted((a, b) => a - b)[values.length >> 1]!

const bench = Effect.scoped(Effect.gen(function*() {
  const spawner = yield* ChildProcessSpawner.ChildProcessSpawner

  const start = ({ command: [program, ...args], home }: Pick<Subject, "command" | "home">) =>
    spawner.spawn(ChildProcess.make(program!, args, {
      env: { HOME: home, ZAG_HOME: home, PM2_HOME: `${home}/pm2` },
      extendEnv: true,
      stdin: "ignore"
    }))

  const run = (subject: Pick<Subject, "command" | "home">) =>
    Effect.scoped(Effect.gen(function*() {
      const handle = yield* start(subject)
      const [, stderr] = yield* Effect.all([
        Stream.runDrain(handle.stdout),
        Stream.mkString(Stream.decodeText(handle.stderr))
      ], { concurrency: "unbounded" })
      yield* handle.exitCode
      return stderr
    }))

  const time = (subject: Subject) =>
    Effect.gen(function*() {
      const before = yield* Clock.currentTimeNanos
      yield* run(subject)
      return Number((yield* Clock.currentTimeNanos) - before) / 1e6
    })

  const { directory: few } = yield* makeHome(100)
  const { directory: many } = yield* makeHome(10_000)
  const list = [zag, "ps", "list", "--json"]

  const isThere = (program: string) =>
    Effect.map(
      Effect.scoped(
        Effect.flatMap(
          start({ command: ["sh", "-c", `command -v ${program}`], home: few }),
          (handle) => handle.exitCode
        )
      ),
      (code) => Number(code) === 0
    )

  const peers: Array<Subject> = []
  if (yield* isThere("pm2")) {
    peers.push({ name: "`pm2 jlist`", command: ["pm2", "jlist"], home: few })
    // The first call starts a server.
    yield* Effect.addFinalizer(() => Effect.ignore(run({ command: ["pm2", "kill"], home: few })))
  }
  if (yield* isThere("fkill")) peers.push({ name: "`fkill --version`", command: ["fkill", "--version"], home: few })

  const subjects: ReadonlyArray<Subject> = [
    { name: "`node -e 0`", command: [process.execPath, "-e", "0"], home: few },
    { name: "`zag ps list --json`, 100 entries", command: [process.execPath, ...list], home: few },
    { name: "`zag ps list --json`, 10,000 entries", command: [process.execPath, ...list], home: many },
    ...peers
  ]

  const times = subjects.map((): Array<number> => [])
  // The first two rounds fill the compile cache and are not counted.
  for (let round = -2; round < rounds; round++) {
    for (const [i, subject] of subjects.entries()) {
      const taken = yield* time(subject)
      if (round >= 0) times[i]!.push(taken)
    }
  }

  const memory = yield* Effect.forEach(subjects, ({ command: [program, ...args], home }) =>
    program === process.execPath
      ? Effect.map(
        run({ command: [program, "--import", reportMemory, ...args], home }),
        (kilobytes) => (Number(kilobytes) / 1024).toFixed(0)
      )
      : Effect.succeed("-"))

  const bare = times[0]!
  const rows = subjects.map(({ name }, i) => {
    const own = times[i]!
    const ratio = median(own.map((taken, round) => taken / bare[round]!))
    return `| ${name} | ${Math.min(...own).toFixed(0)} | ${median(own).toFixed(0)} | ${
      ratio.toFixed(2)
    } | ${memory[i]!} |`
  })
  yield* Console.log([
    `Node ${process.version}, ${rounds} rounds, milliseconds; the ratio is the median of the rounds`,
    "",
    "| command | min | median | ratio | peak memory, MB |",
    "| --- | --- | --- | --- | --- |",
    ...rows
  ].join("\n"))
}))

bench.pipe(Effect.provide(NodeServices.layer), NodeRuntime.runMain)
