import { assert, describe, it } from "@effect/vitest"
import * as HttpAddress from "../../src/bin/httpAddress.ts"

describe("an address", () => {
  it.each([
    ["3970", "127.0.0.1", 3970],
    ["0", "127.0.0.1", 0],
    ["localhost:65535", "localhost", 65_535],
    ["10.0.0.7:80", "10.0.0.7", 80],
    ["agents.example:80", "agents.example", 80],
    ["[::1]:3970", "::1", 3970]
  ])("%s has a host and a port", (text, host, port) => {
    assert.deepStrictEqual(HttpAddress.parse(text), { host, port })
  })

  it.each([
    "",
    ":",
    ":80",
    "host",
    "host:",
    "65536",
    "-1",
    "1.5",
    "::1:80",
    "[::1]",
    "[host]:80",
    "http://host:80",
    "a:b:1"
  ])(
    "is not %j",
    (text) => {
      assert.isUndefined(HttpAddress.parse(text))
    }
  )

  it.each([
    ["127.0.0.1:1", true],
    ["127.9.9.9:1", true],
    ["localhost:1", true],
    ["[::1]:1", true],
    ["0.0.0.0:1", false],
    ["[::]:1", false],
    ["10.0.0.7:1", false],
    ["localhost.example:1", false],
    ["[::ffff:127.0.0.1]:1", false]
  ])("%s stays on the machine: %s", (text, stays) => {
    assert.strictEqual(HttpAddress.isLoopback(HttpAddress.parse(text)!), stays)
  })

  it.each([["0.0.0.0:1", true], ["[::]:1", true], ["127.0.0.1:1", false], ["localhost:1", false]])(
    "%s is every address of the machine: %s",
    (text, every) => {
      assert.strictEqual(HttpAddress.isEvery(HttpAddress.parse(text)!), every)
    }
  )

  it("has an IPv6 address in brackets in a URL", () => {
    assert.strictEqual(HttpAddress.inUrl({ host: "::1", port: 1 }), "[::1]")
    assert.strictEqual(HttpAddress.inUrl({ host: "localhost", port: 1 }), "localhost")
  })
})
