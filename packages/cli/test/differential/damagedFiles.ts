/**
 * Contents of a file that are no registry, or hardly one.
 */
import type { CommandLine } from "./commandLines.ts"

export interface DamagedFile {
  readonly name: string
  readonly file: string | null
  readonly difference?: CommandLine["difference"]
}

const keys =
  "\"id\":\"a\",\"pid\":5000000,\"provider\":\"claude\",\"model\":\"m\",\"command\":\"run\",\"started_at\":\"2026-01-01T00:00:00Z\""

const withEntry = (entry: string): string => `{"processes":[${entry}]}`

const array =
  "[\"a\",5000000,null,\"claude\",\"m\",\"run\",null,\"2026-01-01T00:00:00Z\",\"running\",null,null,null,null,null]"

export const damagedFiles: ReadonlyArray<DamagedFile> = [
  { name: "none", file: null },
  { name: "empty", file: "" },
  { name: "a blank", file: " " },
  { name: "a line break", file: "\n" },
  { name: "a no-break space", file: "\u00a0" },
  { name: "an empty object", file: "{}" },
  { name: "null", file: "null" },
  { name: "a number", file: "1" },
  { name: "a text", file: "\"processes\"" },
  { name: "an array", file: "[]" },
  { name: "processes that are null", file: "{\"processes\":null}" },
  { name: "processes that are an object", file: "{\"processes\":{}}" },
  { name: "processes in capitals", file: "{\"Processes\":[]}" },
  { name: "no end", file: "{\"processes\":[" },
  { name: "something after the end", file: "{\"processes\":[]}x" },
  { name: "a second value", file: "{\"processes\":[]}{}" },
  { name: "a NUL after the end", file: "{\"processes\":[]}\u0000" },
  { name: "a comma too many", file: "{\"processes\":[],}" },
  { name: "a comma too many in the array", file: "{\"processes\":[,]}" },
  { name: "single quotes", file: "{'processes':[]}" },
  { name: "no quotes", file: "{processes:[]}" },
  { name: "a comment", file: "{\"processes\":[]} // none" },
  { name: "a byte order mark", file: "\ufeff{\"processes\":[]}" },
  { name: "NUL bytes", file: "\u0000\u0000\u0000" },
  { name: "white space of other kinds", file: "\u000b{\"processes\":[]}" },
  { name: "white space around", file: " \t\r\n{ \"processes\" : [ ] } \n" },
  { name: "a key that is escaped", file: "{\"process\\u0065s\":[]}" },
  { name: "unknown keys", file: "{\"version\":2,\"processes\":[],\"a\":{\"b\":[1,null,true]},\"version\":3}" },
  { name: "an unknown number that is too large", file: "{\"processes\":[],\"x\":1e999}" },
  { name: "an unknown number that is no number", file: "{\"processes\":[],\"x\":NaN}" },
  { name: "an unknown number with a zero before", file: "{\"processes\":[],\"x\":01}" },
  { name: "an unknown lone surrogate", file: "{\"processes\":[],\"x\":\"\\ud800\"}" },
  {
    name: "an unknown key with a lone surrogate",
    file: "{\"processes\":[],\"\\ud800\":1}",
    difference: { name: "ignored-values", exitCode: 0 }
  },
  { name: "an unknown control character", file: "{\"processes\":[],\"x\":\"\u0001\"}" },
  { name: "an unknown value 100 deep", file: `{"processes":[],"x":${"[".repeat(100)}${"]".repeat(100)}}` },
  { name: "an unknown value 1000 deep", file: `{"processes":[],"x":${"[".repeat(1000)}${"]".repeat(1000)}}` },
  {
    name: "the processes twice",
    file: "{\"processes\":[],\"processes\":[]}",
    difference: { name: "repeated-key", exitCode: 0 }
  },
  {
    name: "a known key of an entry twice",
    file: withEntry(`{${keys},"status":"exited","id":"a"}`),
    difference: { name: "repeated-key", exitCode: 0 }
  },
  { name: "an unknown key of an entry twice", file: withEntry(`{${keys},"status":"exited","x":1,"x":2}`) },
  { name: "an unknown lone surrogate in an entry", file: withEntry(`{${keys},"status":"exited","x":"\\ud800"}`) },
  { name: "a pid with a zero before", file: withEntry(`{"pid":05,"id":"a"}`) },
  {
    name: "a text that is escaped throughout",
    file: withEntry(`{${keys},"status":"\\u0065xited","prompt":"\\ud83d\\ude00\\/\\b"}`)
  },
  { name: "a very long text", file: withEntry(`{${keys},"status":"exited","prompt":"${"é😀 ".repeat(2000)}"}`) },
  { name: "a control character in a text", file: withEntry(`{${keys},"status":"ex\nited"}`) },
  { name: "the registry as an array", file: "[[]]", difference: { name: "written-as-array", exitCode: 1 } },
  { name: "an entry as an array", file: withEntry(array), difference: { name: "written-as-array", exitCode: 0 } }
]
