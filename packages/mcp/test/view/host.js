/**
 * A client that shows the page of a tool, as the clients do that people have:
 * in a frame of its own, spoken to by the official bridge. What it gets of the
 * server, and tells the model, goes through the test.
 */
import { AppBridge, PostMessageTransport } from "@modelcontextprotocol/ext-apps/app-bridge"

/**
 * @typedef {import("@modelcontextprotocol/ext-apps/app-bridge").McpUiHostContext} Context
 * @typedef {import("@modelcontextprotocol/ext-apps/app-bridge").McpUiHostCapabilities} Capabilities
 * @typedef {import("@modelcontextprotocol/client").CallToolResult} Result
 * @typedef {{ html: string, result: Result, capabilities: Capabilities, context: Context }} Shown
 * @typedef {{ callServer: (call: object) => Promise<Result>, tellModel: (told: object) => Promise<{}> }} Test
 */

const test = /** @type {typeof globalThis & Test} */ (globalThis)

/** @param {Shown} shown */
const show = async ({ capabilities, context, html, result }) => {
  const frame = document.createElement("iframe")
  frame.setAttribute("sandbox", "allow-scripts")
  frame.style.cssText = "width: 100%; border: 0"
  document.body.append(frame)
  const view = /** @type {Window} */ (frame.contentWindow)
  const bridge = new AppBridge(null, { name: "host", version: "0" }, capabilities, { hostContext: context })
  bridge.oncalltool = (call) => test.callServer(call)
  bridge.onupdatemodelcontext = (told) => test.tellModel(told)
  bridge.onsizechange = ({ height }) => {
    frame.style.height = `${height}px`
  }
  const initialized = new Promise((resolve) => {
    bridge.oninitialized = resolve
  })
  // Before the page is there, so that nothing it says is missed.
  await bridge.connect(new PostMessageTransport(view, view))
  frame.srcdoc = html
  await initialized
  await bridge.sendToolInput({ arguments: {} })
  await bridge.sendToolResult(result)
  Object.assign(test, {
    /** @param {Context} changed */
    change: (changed) => bridge.setHostContext(changed),
    end: () => bridge.teardownResource({})
  })
}

Object.assign(test, { show })
