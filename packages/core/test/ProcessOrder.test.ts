import { assert, describe, it } from "@effect/vitest"
import { OrderField, parse } from "@zag/core/ProcessOrder"
import { Option } from "effect"

describe("parse", () => {
  it.each(OrderField.literals)("reads %s with and without a direction", (field) => {
    assert.deepStrictEqual(parse(field), Option.some({ field }))
    assert.deepStrictEqual(parse(`${field}:asc`), Option.some({ field, direction: "asc" }))
    assert.deepStrictEqual(parse(`${field}:desc`), Option.some({ field, direction: "desc" }))
  })

  it.each(["", ":asc", "size", "cpu:", "cpu:up", "cpu:asc:desc", "CPU", " cpu"])("refuses %j", (text) => {
    assert.isTrue(Option.isNone(parse(text)))
  })
})
