/**
 * A child at a terminal may stop by itself, as editors, shells and agents do on
 * Ctrl-Z. The shell waits for this program, so this program stops with it.
 */
// @effect-diagnostics-next-line nodeBuiltinImport:off -- it must outlive what this program can do: it is stopped
import { spawn } from "node:child_process"
// @effect-diagnostics-next-line nodeBuiltinImport:off -- asked while a signal is handled, where nothing can wait
import { readFileSync } from "node:fs"

/** Whether this can be seen here at all; Node does not tell. */
export const seesStops = process.platform === "linux"

/** Whether a process was stopped and not continued yet. */
export const isStopped = (pid: number): boolean => {
  try {
    return /\) T /.test(readFileSync(`/proc/${pid}/stat`, "utf8"))
  } catch {
    return false
  }
}

/** Stops this program, as a shell's job is stopped. */
export const stopSelf = () => process.kill(process.pid, "SIGSTOP")

// A program that is stopped sees nothing. Somebody must continue it when the child goes on or ends without the shell;
// as long as it is still the parent, so that no other one is meant that has its pid.
const guard = `
is_stopped() {
  read -r stat < "/proc/$1/stat" && case $stat in *') T '*) ;; *) return 1 ;; esac
}
while is_stopped "$1"; do sleep 1; done 2> /dev/null
read -r self name state parent rest < "/proc/$$/stat"
[ "$parent" = "$PPID" ] && kill -CONT "$PPID"
`

/** Stops this program until the shell continues it, or the process is not stopped any more. */
export const stopWith = (pid: number): void => {
  const child = spawn("/bin/sh", ["-c", guard, "sh", `${pid}`], { stdio: "ignore" })
  // Without it nobody would be sure to continue us.
  child.on("spawn", stopSelf)
  child.on("error", () => {})
  child.unref()
}
