import { Doctor } from "@zag/core/Doctor"
import { ZagHome } from "@zag/core/ZagHome"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as DoctorText from "../../DoctorText.ts"
import { ExitWith } from "../../ExitWith.ts"
import { answer } from "../../Json.ts"

const flags = {
  repair: Flag.Boolean("repair").pipe(
    Flag.withDescription(
      "Replace a damaged registry by what can still be read of it, keep the damaged one, " +
        "and remove temporary files that were left"
    ),
    Flag.withoutNegation,
    Flag.withDefault(false)
  )
} as const

export const commandDoctor = Command.make(
  "doctor",
  flags,
  Effect.fn("zag ps doctor")(function*({ repair }) {
    const doctor = yield* Doctor
    const { directory } = yield* ZagHome
    const report = yield* repair ? doctor.repair : doctor.examine
    yield* answer(report, () => DoctorText.report(report, directory))
    if (!report.healthy) return yield* new ExitWith({ code: 1 })
  })
).pipe(
  Command.provide(Doctor.layer),
  Command.withDescription(
    "Find what is wrong with the registry and the files beside it, and say what to do about it. " +
      "Nothing is changed without --repair. The exit code is 1 when an error or a warning is left."
  ),
  Command.withShortDescription("Find and repair what is wrong with the registry"),
  Command.withExamples([
    { command: "zag ps doctor", description: "Whether all is in order" },
    { command: "zag ps doctor --repair", description: "Save what can be read of a damaged registry" }
  ])
)
