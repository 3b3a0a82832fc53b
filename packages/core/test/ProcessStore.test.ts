import { NodeServices } from "@effect/platform-node"
import { ProcessStore } from "@zag/core/ProcessStore"
import { Effect, Layer } from "effect"
import { suite } from "./ProcessStoreSuite.ts"
import { layerStore, makeHome } from "./storeOnDisk.ts"

suite("ProcessStore.layerMemory", ProcessStore.layerMemory)

suite(
  "ProcessStore.layer",
  Layer.unwrap(Effect.map(makeHome(), ({ directory }) => layerStore(directory))).pipe(
    Layer.provide(NodeServices.layer)
  )
)
