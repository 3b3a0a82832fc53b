/**
 * The table of processes, in a page that a client shows (MCP Apps 2026-01-26).
 *
 * It speaks to that client by messages, and has the tools called by it. What it
 * shows was written by others: it gets into the page as text, never as HTML.
 */

/**
 * @typedef {{ id: string, provider: string, live_status: string, age_seconds: number | null, root: string | null, prompt: string | null }} Process
 * @typedef {{ processes: Array<Process>, next_cursor?: string, unreadable_entries: Array<unknown> }} Listed
 * @typedef {{ content?: Array<{ type: string, text?: string }>, structuredContent?: any, isError?: boolean }} ToolResult
 * @typedef {{ theme?: string, styles?: { variables?: Record<string, string | undefined> } }} Context
 * @typedef {"idle" | "asking" | "killing"} State
 * @typedef {{ process: Process, state: State, row: HTMLTableRowElement }} Line
 */

const every = 2000
const most = 100

// Longer than what is kept of a prompt.
const longest = 300

/**
 * One that is there.
 *
 * @param {string} selector
 * @param {ParentNode} parent
 */
const find = (selector, parent = document) => /** @type {HTMLElement} */ (parent.querySelector(selector))

const { body, documentElement: root } = document
const summary = find("#summary")
const problem = find("#problem")
const outcome = find("#outcome")
const region = find("#region")
const table = /** @type {HTMLTableSectionElement} */ (find("tbody"))
const template = /** @type {HTMLTemplateElement} */ (find("template"))

// ---- the client

let asked = 0
/** @type {Map<number, { resolve: (result: any) => void, reject: (error: Error) => void }>} */
const waiting = new Map()

/** @param {object} message */
const post = (message) => window.parent.postMessage({ jsonrpc: "2.0", ...message }, "*")

/**
 * @param {string} method
 * @param {object} params
 * @returns {Promise<any>}
 */
const request = (method, params) =>
  new Promise((resolve, reject) => {
    waiting.set(++asked, { resolve, reject })
    post({ id: asked, method, params })
  })

/** @param {ToolResult} result */
const textOf = ({ content = [] }) => content.flatMap(({ text }) => text ?? []).join("\n")

/**
 * @param {string} name
 * @param {object} args
 */
const callTool = async (name, args) => {
  /** @type {ToolResult} */
  const result = await request("tools/call", { name, arguments: args })
  if (result.isError) throw new Error(textOf(result))
  return result.structuredContent
}

addEventListener("message", ({ data, source }) => {
  if (source !== window.parent || data?.jsonrpc !== "2.0") return
  const { error, id, method, params, result } = data
  if (method === undefined) {
    const request = waiting.get(id)
    waiting.delete(id)
    if (error) request?.reject(new Error(error.message))
    else request?.resolve(result)
  } else if (method === "ui/notifications/tool-result") {
    showAnswer(params)
  } else if (method === "ui/notifications/host-context-changed") {
    dress(params)
  } else if (method === "ui/resource-teardown") {
    capabilities = {}
    rest()
    post({ id, result: {} })
  } else if (method === "ping") {
    post({ id, result: {} })
  } else if (id !== undefined) {
    post({ id, error: { code: -32601, message: "Method not found" } })
  }
})

/** @param {Context} context */
const dress = ({ styles, theme }) => {
  if (theme) root.style.colorScheme = theme
  for (const [name, value] of Object.entries(styles?.variables ?? {})) root.style.setProperty(name, value ?? null)
}

// ---- what is shown

/**
 * On one line, without what cannot be seen, which could make it look like something else.
 *
 * @param {string | null} text
 */
const clean = (text) => {
  const line = (text ?? "").replaceAll(/[\s\p{Cc}\p{Cf}]+/gu, " ").trim()
  return line.length > longest ? `${line.slice(0, longest).toWellFormed()}…` : line || "–"
}

/** @param {number | null} seconds */
const ageOf = (seconds) => {
  if (seconds === null) return "–"
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`
  return seconds < 48 * 3600 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86_400)} d`
}

/**
 * Nothing is touched that has not changed, or it would be read out again.
 *
 * @param {HTMLElement} element
 * @param {string} text
 */
const say = (element, text) => {
  if (element.textContent !== text) element.textContent = text
}

/** @type {Map<string, Line>} */
const lines = new Map()
let mayKill = false

/** @param {Process} process */
const newLine = (process) => {
  const row = /** @type {HTMLTableRowElement} */ (find("tr", template.content).cloneNode(true))
  /** @type {Line} */
  const line = { process, state: "idle", row }
  lines.set(process.id, line)
  return line
}

/** @param {Line} line */
const fill = (line) => {
  const { process, row } = line
  const status = find(".status", row)
  status.dataset.is = process.live_status
  say(status, process.live_status)
  say(find(".provider", row), clean(process.provider))
  say(find(".id", row), clean(process.id))
  say(find(".age", row), ageOf(process.age_seconds))
  say(find(".directory", row), clean(process.root))
  say(find(".prompt", row), clean(process.prompt))
  offer(line)
}

/** @param {Listed} listed */
const show = ({ next_cursor: next, processes, unreadable_entries: unreadable }) => {
  const focused = document.activeElement
  const ids = new Set(processes.map(({ id }) => id))
  for (const [id, { row }] of lines) {
    if (ids.has(id)) continue
    row.remove()
    lines.delete(id)
  }
  for (const [index, process] of processes.entries()) {
    const line = lines.get(process.id) ?? newLine(process)
    line.process = process
    fill(line)
    if (table.rows[index] !== line.row) table.insertBefore(line.row, table.rows[index] ?? null)
  }
  // Where a row was moved.
  if (focused instanceof HTMLElement && focused.isConnected && focused !== body) focused.focus({ preventScroll: true })
  const running = processes.filter((process) => process.live_status === "running").length
  say(
    summary,
    `${next === undefined ? processes.length : `The first ${processes.length}`} processes, ${running} running` +
      (unreadable.length > 0 ? `; ${unreadable.length} entries of the registry cannot be read` : "")
  )
}

// ---- killing

/**
 * @param {string} text
 * @param {Line} line
 * @param {() => void} onClick
 */
const newButton = (text, { process: { id, provider } }, onClick) => {
  const button = document.createElement("button")
  button.type = "button"
  button.textContent = text
  button.setAttribute("aria-label", `${text}: ${clean(provider)} ${clean(id)}`)
  button.addEventListener("click", onClick)
  return button
}

/** @type {Record<State, (line: Line) => Array<HTMLButtonElement>>} */
const buttonsOf = {
  idle: (line) => [newButton("Kill", line, () => turn(line, "asking"))],
  asking: (line) => {
    const really = newButton("Really kill", line, () => kill(line))
    really.className = "ends"
    return [really, newButton("Cancel", line, () => turn(line, "idle"))]
  },
  killing: (line) => {
    const busy = newButton("Killing…", line, () => {})
    busy.setAttribute("aria-disabled", "true")
    return [busy]
  }
}

/**
 * The buttons of a row, when they have to be others than they are.
 *
 * @param {Line} line
 */
const offer = (line) => {
  const { process, row, state } = line
  const cell = find(".actions", row)
  const wanted = mayKill && (process.live_status === "running" || state === "killing") ? state : "nothing"
  if (cell.dataset.offers === wanted) return
  const hadFocus = cell.contains(document.activeElement)
  cell.dataset.offers = wanted
  if (wanted === "nothing") {
    line.state = "idle"
    cell.replaceChildren()
    // Not to the next button, which somebody may be about to press.
    if (hadFocus) region.focus({ preventScroll: true })
    return
  }
  const buttons = buttonsOf[wanted](line)
  cell.replaceChildren(...buttons)
  // To the last, which is the harmless one.
  if (hadFocus) buttons.at(-1)?.focus()
}

/**
 * @param {Line} line
 * @param {State} state
 */
const turn = (line, state) => {
  line.state = state
  offer(line)
}

addEventListener("keydown", ({ key }) => {
  if (key !== "Escape") return
  for (const line of lines.values()) if (line.state === "asking") turn(line, "idle")
})

/**
 * @param {string} text
 * @param {boolean} hasFailed
 */
const tell = (text, hasFailed) => {
  outcome.toggleAttribute("data-failed", hasFailed)
  outcome.textContent = text
}

/** @param {Line} line */
const kill = async (line) => {
  const { id, provider } = line.process
  turn(line, "killing")
  tell("", false)
  try {
    const { status } = await callTool("kill_process", { id })
    tell(`${clean(provider)} ${clean(id)}: ${status}`, false)
    tellModel(`In the process table the person has killed the process ${clean(id)}: ${status}.`)
  } catch (error) {
    tell(/** @type {Error} */ (error).message, true)
  }
  await refresh()
  turn(line, "idle")
}

/** @type {{ serverTools?: object, updateModelContext?: object }} */
let capabilities = {}

/** @param {string} text */
const tellModel = (text) => {
  if (capabilities.updateModelContext === undefined) return
  // It knows no more than before where that fails.
  request("ui/update-model-context", { content: [{ type: "text", text }] }).catch(() => {})
}

// ---- staying up to date

/** @type {number | undefined} */
let timer
// Of several looks at once only the last one counts.
let looks = 0
let hasLooked = false

const rest = () => {
  looks++
  clearTimeout(timer)
}

const refresh = async () => {
  rest()
  if (document.hidden || capabilities.serverTools === undefined) return
  const look = looks
  try {
    const listed = await callTool("list_processes", { sort: "status", limit: most })
    if (look !== looks) return
    hasLooked = true
    say(problem, "")
    show(listed)
  } catch (error) {
    if (look !== looks) return
    say(problem, `Not up to date: ${/** @type {Error} */ (error).message}`)
  }
  timer = setTimeout(refresh, every)
}

/** @param {ToolResult} answer */
const showAnswer = (answer) => {
  if (answer.isError) say(problem, textOf(answer))
  // There is more in what it has looked for itself.
  else if (!hasLooked) show(answer.structuredContent)
}

document.addEventListener("visibilitychange", refresh)

new ResizeObserver(() => {
  post({ method: "ui/notifications/size-changed", params: { height: Math.ceil(root.getBoundingClientRect().height) } })
}).observe(root)

const { hostCapabilities, hostContext } = await request("ui/initialize", {
  appInfo: { name: "zag-processes", version: "1" },
  appCapabilities: {},
  protocolVersion: "2026-01-26"
})
capabilities = hostCapabilities ?? {}
mayKill = !("readOnly" in body.dataset) && capabilities.serverTools !== undefined
dress(hostContext ?? {})
post({ method: "ui/notifications/initialized", params: {} })
await refresh()
