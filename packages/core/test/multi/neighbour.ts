/**
 * A program that takes no lock, as `zag`: it loads the registry, changes it and
 * saves it, again and again until its input says so.
 *
 * `neighbour.ts <home> <name>`
 */
// @effect-diagnostics nodeBuiltinImport:off preferSchemaOverJson:off globalTimers:off globalConsole:off -- it shares nothing with us
import * as Fs from "node:fs"

const [home, name] = process.argv.slice(2) as [string, string]
const file = `${home}/processes.json`

// Milliseconds from loading to saving.
const longest = 200

let going = false
let saved = 0

process.stdin.on("data", () => {
  if (going) {
    console.log("finished")
    process.exit()
  }
  going = true
  save()
})
process.stdin.once("end", () => process.exit())

const entry = (id: string) => ({
  id,
  pid: 1,
  provider: "claude",
  model: "",
  command: "run",
  started_at: "2026-11-22T07:34:37Z",
  status: "running"
})

const save = () => {
  const loaded = performance.now()
  const store = JSON.parse(Fs.readFileSync(file, "utf8")) as { processes: Array<unknown> }
  store.processes.push(entry(`${name}-${saved}`))
  const temporary = `${home}/.processes.json.${process.pid}.${saved.toString(16)}.tmp`
  Fs.writeFileSync(temporary, JSON.stringify(store, null, 2), { flag: "wx", mode: 0o600 })
  // What takes longer than this, on a machine with much else to do, is more than is promised.
  if (performance.now() - loaded > longest) {
    Fs.rmSync(temporary)
    return save()
  }
  Fs.renameSync(temporary, file)
  console.log(`saved ${saved}`)
  saved++
  setTimeout(save, 40 + 20 * Math.random())
}

console.log("ready")
