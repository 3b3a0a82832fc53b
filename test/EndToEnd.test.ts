import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Client } from "@modelcontextprotocol/client"
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio"
import { Effect, FileSystem, Schema } from "effect"
import { fileURLToPath } from "node:url"
import { isAlive, makeHome } from "../packages/cli/test/spawnZag.ts"

const server = fileURLToPath(new URL("../packages/mcp/src/bin.ts", import.meta.url))

const Listed = Schema.Struct({
  processes: Schema.Array(Schema.Struct({ id: Schema.String, pid: Schema.Int, live_status: Schema.String }))
})

const Killed = Schema.Struct({
  id: Schema.String,
  pid: Schema.Int,
  signal: Schema.String,
  status: Schema.String,
  ended: Schema.Array(Schema.Struct({ pid: Schema.Int, command: Schema.String }))
})

const connect = (home: string) =>
  Effect.gen(function*() {
    const client = new Client({ name: "test", version: "1.0.0" }, { capabilities: { elicitation: { form: {} } } })
    client.setRequestHandler("elicitation/create", () => ({ action: "accept", content: { confirm: true } }))
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: ["--conditions=@zag/source", server],
      env: { HOME: home, ZAG_HOME: home }
    })
    yield* Effect.acquireRelease(Effect.promise(() => client.connect(transport)), () =>
      Effect.promise(() => client.close()))
    return client
  })

describe("agents under `zag ps run`, seen and killed through `zag-mcp`", () => {
  it.live(
    "one is killed, the other ends by itself with its own exit code",
    () =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const { directory, entries, entry, run, start } = yield* makeHome
        const first = yield* start(["ps", "run", "-p", "claude", "--", "sleep", "300"])
        const target = yield* entry((entry) => entry.pid !== first.pid)
        const untilToldTo = `until [ -e ${directory}/end ]; do sleep 0.05; done; exit 5`
        const second = yield* start(["ps", "run", "-p", "codex", "--", "sh", "-c", untilToldTo])
        const other = yield* entry((entry) => entry.provider === "codex" && entry.pid !== second.pid)

        const client = yield* connect(directory)
        const call = (name: string, args: Record<string, unknown>) =>
          Effect.promise(() => client.callTool({ name, arguments: args }))

        const { structuredContent } = yield* call("list_processes", {})
        const { processes } = yield* Schema.decodeUnknownEffect(Listed)(structuredContent)
        assert.deepStrictEqual(processes.map(({ id, live_status, pid }) => ({ id, live_status, pid })), [
          { id: other.id, live_status: "running", pid: other.pid },
          { id: target.id, live_status: "running", pid: target.pid }
        ])

        const killed = yield* call("kill_process", { id: target.id })
        const { ended, ...rest } = yield* Schema.decodeUnknownEffect(Killed)(killed.structuredContent)
        assert.deepStrictEqual(rest, { id: target.id, pid: target.pid, signal: "SIGTERM", status: "killed" })
        assert.deepStrictEqual(ended.map(({ pid }) => pid), [target.pid])
        assert.isFalse(yield* isAlive(target.pid))
        assert.isTrue(yield* isAlive(other.pid))
        assert.strictEqual((yield* first.ended).exitCode, 143)

        // The same words as on the command line.
        const again = yield* call("kill_process", { id: target.id })
        assert.isTrue(again.isError)
        assert.deepStrictEqual(again.content, [
          { type: "text", text: `Process ${target.id} is not running (status: killed)` }
        ])
        assert.strictEqual(
          (yield* run(["ps", "kill", target.id])).stderr,
          `Error: Process ${target.id} is not running (status: killed)\n`
        )
        assert.deepStrictEqual(
          (yield* entries).map(({ id, status }) => ({ id, status })),
          [{ id: target.id, status: "killed" }, { id: other.id, status: "running" }]
        )

        yield* fs.writeFileString(`${directory}/end`, "")
        assert.strictEqual((yield* second.ended).exitCode, 5)
        assert.strictEqual((yield* entries)[1]?.exit_code, 5)
      }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )
})
