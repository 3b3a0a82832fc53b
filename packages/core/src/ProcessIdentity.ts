/**
 * Who a registered process is, beyond its pid: numbers are given out again.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type { OsProcess, PidSpace, PidState } from "./OsProcess.ts"

/**
 * The one process that had a pid at a moment, in one boot of one machine.
 *
 * @category models
 * @since 0.1.0
 */
export interface ProcessIdentity extends Omit<PidSpace, "bootTime"> {
  readonly pid: number
  /** When it began, on the kernel's own clock. */
  readonly startTicks: number
}

/**
 * The identity of the process of an entry.
 *
 * @category models
 * @since 0.1.0
 */
export interface IdentifiedEntry {
  readonly id: string
  readonly identity: ProcessIdentity
}

/**
 * The identity of a process that was found so; none where the system does not
 * tell when it began.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromState = (pid: number, state: PidState, space: PidSpace): ProcessIdentity | undefined => {
  if (state._tag !== "Running" || state.startTicks === undefined) return undefined
  const { bootId, host, machineId, pidNamespace } = space
  return { pid, startTicks: state.startTicks, host, machineId, bootId, pidNamespace }
}

/**
 * The identity of the process that has this pid now; none when there is none,
 * or it cannot be known.
 *
 * @category constructors
 * @since 0.1.0
 */
export const ofPid = (os: OsProcess["Service"], pid: number): Effect.Effect<ProcessIdentity | undefined> =>
  Effect.zipWith(os.inspect(pid), os.space, (state, space) => fromState(pid, state, space))

/**
 * Where a process is or was, seen from a pid space: `Here`, where its pid means
 * the same; in an `EarlierBoot` of this machine, so that it is gone; or
 * `Elsewhere`, where nothing can be said of it.
 *
 * @category guards
 * @since 0.1.0
 */
export const whereabouts = (identity: ProcessIdentity, space: PidSpace): Whereabouts => {
  // Containers of one machine have one boot and many names.
  const isSameBoot = isSame(identity.bootId, space.bootId)
  if (isSameBoot !== true) {
    const isSameMachine = identity.host === space.host && isSame(identity.machineId, space.machineId) !== false
    if (!isSameMachine) return { _tag: "Elsewhere", where: `on another machine, ${identity.host}` }
    if (isSameBoot === false) return { _tag: "EarlierBoot" }
  }
  return isSame(identity.pidNamespace, space.pidNamespace) === false
    ? { _tag: "Elsewhere", where: `in another pid namespace (a container) of ${identity.host}` }
    : { _tag: "Here" }
}

/** Undefined where one of them is not known. */
const isSame = (self: string | undefined, that: string | undefined): boolean | undefined =>
  self === undefined || that === undefined ? undefined : self === that

/**
 * The answer of {@link whereabouts}.
 *
 * @category models
 * @since 0.1.0
 */
export type Whereabouts =
  | { readonly _tag: "Here" }
  | { readonly _tag: "EarlierBoot" }
  | { readonly _tag: "Elsewhere"; readonly where: string }
