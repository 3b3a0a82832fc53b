/**
 * Where `zag` keeps its files.
 *
 * @since 0.1.0
 */
import * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import * as String from "effect/String"
import * as Os from "node:os"

/**
 * The directory that holds `processes.json`, usually `~/.zag`.
 *
 * @category services
 * @since 0.1.0
 */
export class ZagHome extends Context.Service<ZagHome, {
  /** The directory itself. It need not exist. */
  readonly directory: string
  /** The process registry in it. */
  readonly processesFile: string
}>()("@zag/core/ZagHome") {
  /**
   * Uses the given directory, relative to nothing but the working directory.
   */
  static readonly layerAt = (directory: string): Layer.Layer<ZagHome, never, Path.Path> =>
    Layer.effect(
      ZagHome,
      Effect.map(Path.Path, (path) => ZagHome.of({ directory, processesFile: path.join(directory, "processes.json") }))
    )

  /**
   * `ZAG_HOME` if it is set and not empty; else `.zag` in the home directory.
   *
   * **Details**
   *
   * The home directory is found as `zag` finds it: on POSIX `HOME` if it is set
   * and not empty, else the account's directory; on Windows the account's
   * directory; else the working directory. A relative value stays relative.
   * `ZAG_HOME` is not known to `zag` itself: use it for tests and containers.
   */
  static readonly layer: Layer.Layer<ZagHome, Config.ConfigError, Path.Path> = Layer.unwrap(
    Effect.gen(function*() {
      const path = yield* Path.Path
      const override = yield* variable("ZAG_HOME")
      if (Option.isSome(override)) return ZagHome.layerAt(override.value)
      const home = yield* variable("HOME")
      const windows = path.sep === "\\"
      const directory = windows ? accountHome() : Option.getOrElse(home, accountHome)
      return ZagHome.layerAt(path.join(directory, ".zag"))
    })
  )
}

// Empty counts as unset, with a provider that keeps empty texts as well.
const variable = (name: string) => Config.map(Config.option(Config.String(name)), Option.filter(String.isNonEmpty))

// Unlike `os.homedir`, this reads neither HOME nor USERPROFILE; `zag` does not either.
const accountHome = (): string => {
  try {
    return Os.userInfo().homedir || "."
  } catch {
    return "."
  }
}
