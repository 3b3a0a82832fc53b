/**
 * What the programs that run in a jail have in common.
 */
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import { OsProcess } from "@zag/core/OsProcess"
import { ProcessControl } from "@zag/core/ProcessControl"
import { ProcessStore } from "@zag/core/ProcessStore"
import { Sidecar } from "@zag/core/Sidecar"
import { layerSessions } from "@zag/core/testing"
import { ZagHome } from "@zag/core/ZagHome"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"

export type Report = Record<string, string>

const services = (home: string) =>
  ProcessControl.layer.pipe(
    Layer.provide(layerSessions()),
    Layer.provideMerge(ProcessStore.layer),
    Layer.provideMerge(Sidecar.layerSqlite),
    Layer.provideMerge(Layer.mergeAll(OsProcess.layer, ZagHome.layerAt(home))),
    Layer.provideMerge(Layer.mergeAll(NodeFileSystem.layer, NodePath.layer))
  )

/** The reason of a failure, or that there was none. */
export const outcome = <A, E extends { readonly reason: { readonly _tag: string } }, R>(
  effect: Effect.Effect<A, E, R>
) => Effect.match(effect, { onFailure: ({ reason }) => reason._tag, onSuccess: () => "done" })

const encode = Schema.encodeEffect(Schema.fromJsonString(Schema.Record(Schema.String, Schema.String)))

/** Runs a program on a home, as the agent `it`, and prints its report. */
export const runPrisoner = <E>(
  home: string,
  program: Effect.Effect<Report, E, Layer.Success<ReturnType<typeof services>>>
) =>
  program.pipe(
    Effect.flatMap(encode),
    Effect.flatMap(Console.log),
    Effect.provide(services(home)),
    Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromEnv({ env: { ZAG_PROCESS_ID: "it" } })),
    Effect.runPromise
  )
