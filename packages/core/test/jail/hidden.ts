/**
 * Says what a look at these pids shows a user to whom `/proc` hides the
 * processes of others.
 */
import { platform } from "../../src/internal/linux.ts"

process.setuid?.(65_534)
process.stdout.write(process.argv.slice(2).map((pid) => platform.inspect(Number(pid))._tag).join(" "))
