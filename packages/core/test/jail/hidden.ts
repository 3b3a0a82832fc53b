/**
 * Says what a look at these pids shows a user to whom `/proc` hides the
 * processes of others.
 */
// @effect-diagnostics-next-line nodeBuiltinImport:off -- nothing else of this program is built on Effect
import { spawn } from "node:child_process"
import { once } from "node:events"
import { platform } from "../../src/internal/linux.ts"

// To the group 0 nothing is hidden.
process.setgroups?.([])
process.setgid?.(65_534)
process.setuid?.(65_534)
// One that is not hidden, as this program is: without it nothing at all would be listed.
const own = spawn("sleep", ["600"])
await once(own, "spawn")
const pids = process.argv.slice(2).map(Number)
// So many that they would be looked up in the list.
const many = [...pids, ...Array.from({ length: 1000 }, () => 2_147_483_646)]
const states = [...pids.map(platform.inspect), ...platform.inspectAll!(many).slice(0, pids.length)]
own.kill()
process.stdout.write(states.map(({ _tag }) => _tag).join(" "))
