import { assert, describe, it } from "@effect/vitest"
import * as DurationText from "@zag/core/DurationText"
import * as Moment from "@zag/core/Moment"
import { Option } from "effect"
import { type FilterFlags, filterText } from "../src/commands/ps/filterFlags.ts"

const none: FilterFlags = {
  running: false,
  status: [],
  provider: [],
  model: [],
  command: [],
  session: Option.none(),
  root: Option.none(),
  here: false,
  children: Option.none(),
  label: [],
  since: Option.none(),
  until: Option.none(),
  idle: Option.none()
}

const now = Date.parse("2026-11-24T12:00:00Z")

describe("the filters in words", () => {
  it.each<readonly [Partial<FilterFlags>, ReadonlyArray<string>]>([
    [{}, []],
    // It has a key of its own where these words are shown.
    [{ running: true }, []],
    [{ here: true }, ["here"]],
    [{ status: ["dead", "unknown"] }, ["status dead, unknown"]],
    [{ provider: ["claude"], model: ["~opus"] }, ["provider claude", "model ~opus"]],
    [{ command: ["run"], label: ["ticket=42"] }, ["command run", "label ticket=42"]],
    [{ session: Option.some("s1"), children: Option.some("self") }, ["session s1", "children self"]],
    [{ root: Option.some("/repo") }, ["root /repo"]],
    [{ since: Moment.parse("2h") }, ["since 2026-11-24T10:00:00Z"]],
    [{ until: Moment.parse("2026-11-24T08:00:00Z") }, ["until 2026-11-24T08:00:00Z"]],
    [{ idle: DurationText.parse("1h30m") }, ["idle 1h 30m"]]
  ])("%j", (flags, words) => {
    assert.deepStrictEqual(filterText({ ...none, ...flags }, now), words)
  })
})
