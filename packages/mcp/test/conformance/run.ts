/**
 * Runs the official conformance suite against the module that serves HTTP, for
 * each revision of the protocol that has requirements. Ends with 1 when one of
 * the scenarios that a revision requires has failed.
 */
import { NodeHttpServer, NodeRuntime, NodeServices } from "@effect/platform-node"
import type { ServerEvent } from "@modelcontextprotocol/server"
import { Console, Effect, FileSystem, Queue, References, Stream } from "effect"
import { HttpServer } from "effect/http"
import { ChildProcess, ChildProcessSpawner } from "effect/process"
// @effect-diagnostics-next-line nodeBuiltinImport:off -- Effect's server is given one
import { createServer } from "node:http"
import * as Http from "../../src/Http.ts"
import { factory } from "./fixture.ts"

const revisions = ["2025-11-25", "2026-07-28"]

const serve = Effect.gen(function*() {
  const events = yield* Queue.unbounded<ServerEvent>()
  const handler = yield* Http.make(factory((event) => Queue.offerUnsafe(events, event)), {
    changes: Stream.fromQueue(events)
  })
  const server = yield* NodeHttpServer.make(createServer, {
    host: "127.0.0.1",
    port: 0,
    gracefulShutdownTimeout: "1 second"
  })
  yield* server.serve(handler)
  return `${HttpServer.formatAddress(server.address)}${Http.path}`
})

/** What the suite says; without what it tells of each scenario when all is well. */
const conform = Effect.fnUntraced(function*(url: string, revision: string) {
  const spawner = yield* ChildProcessSpawner.ChildProcessSpawner
  const fs = yield* FileSystem.FileSystem
  const results = yield* fs.makeTempDirectoryScoped({ prefix: "zag-mcp-conformance-" })
  const handle = yield* spawner.spawn(
    ChildProcess.make("conformance", ["server", "--requirements", revision, "--url", url, "--output-dir", results], {
      stdin: "ignore",
      stderr: "inherit"
    })
  )
  const { exitCode, said } = yield* Effect.all({
    exitCode: handle.exitCode,
    said: Stream.mkString(Stream.decodeText(handle.stdout))
  }, { concurrency: "unbounded" })
  const isConform = exitCode === 0
  yield* Console.log(`Requirements of ${revision}\n`)
  yield* Console.log(isConform ? said.slice(said.indexOf("=== SUMMARY")) : said)
  return isConform
}, Effect.scoped)

Effect.gen(function*() {
  const results = yield* Effect.forEach(revisions, (revision) => Effect.flatMap(serve, (url) => conform(url, revision)))
  if (results.includes(false)) process.exitCode = 1
}).pipe(
  Effect.scoped,
  Effect.provideService(References.MinimumLogLevel, "Error"),
  Effect.provide(NodeServices.layer),
  NodeRuntime.runMain
)
