/**
 * The variables of a session, for a shell or for a person.
 */
import * as Text from "../Text.ts"

export type Form = "plain" | "posix" | "fish"

// Between single quotes a shell expands nothing.
const posixQuoted = (value: string): string => `'${value.replaceAll("'", String.raw`'\''`)}'`

const fishQuoted = (value: string): string => `'${value.replaceAll(/['\\]/g, String.raw`\$&`)}'`

const line: Readonly<Record<Form, (name: string, value: string) => string>> = {
  plain: (name, value) => `${name}=${/\p{Cc}/u.test(value) ? Text.singleLine(value) : value}`,
  posix: (name, value) => `export ${name}=${posixQuoted(value)};`,
  fish: (name, value) => `set -gx ${name} ${fishQuoted(value)};`
}

/** A line each. */
export const text = (variables: Readonly<Record<string, string>>, form: Form): string =>
  Object.entries(variables).map(([name, value]) => line[form](name, value)).join("\n")
