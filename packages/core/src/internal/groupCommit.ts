/**
 * Group commit: all changes that wait are made by one pass, which costs as
 * much as the change of one.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"

/** Changes a document, and answers whoever asked for that. A document returned as it was given has not changed. */
export type Change<Document, A> = (document: Document) => readonly [answer: A, document: Document]

/** A change that waits, and how whoever asked for it is answered. */
interface Waiting<Document, E> {
  /** Makes the change; what it throws is told to its own caller, and changes nothing. */
  readonly apply: (document: Document) => Document
  /** Answers once the batch is through. */
  readonly settle: (outcome: Exit.Exit<void, E>) => void
}

export interface GroupCommit<Document, E> {
  /** Submits a change, and waits until it is made. */
  readonly change: <A>(change: Change<Document, A>) => Effect.Effect<A, E>
  /** Whether changes wait, or are being made. */
  readonly isBusy: () => boolean
}

/**
 * `commit` is given a way to make the changes that wait at that moment, and is
 * run again as long as there are any.
 *
 * A caller that is interrupted before its change was taken takes it back;
 * after that the change is made whole, and only nobody is told. When the scope
 * closes, the batch that is being written is finished first.
 */
export const make = Effect.fnUntraced(function*<Document, E>(
  commit: (takeAll: () => (document: Document) => Document) => Effect.Effect<void, E>
) {
  const waiting = new Set<Waiting<Document, E>>()
  let committing = false
  // Of nobody's scope: who still has a change to make when the scope closes may make it.
  let committer: Fiber.Fiber<void> | undefined
  yield* Effect.addFinalizer(() => committer === undefined ? Effect.void : Fiber.await(committer))

  const commitOnce = Effect.suspend(() => {
    let batch: ReadonlyArray<Waiting<Document, E>> = []
    const takeAll = () => {
      batch = Array.from(waiting)
      waiting.clear()
      return (document: Document) => batch.reduce((before, { apply }) => apply(before), document)
    }
    return Effect.exit(commit(takeAll)).pipe(Effect.map((outcome) => {
      // What failed before anything was taken, such as waiting for the lock, failed for all that wait.
      if (Exit.isFailure(outcome) && batch.length === 0) takeAll()
      for (const { settle } of batch) settle(outcome)
    }))
  })

  const commitAll = Effect.whileLoop({
    // Deciding that nothing waits and saying so is one step, or a change in between would wait for ever.
    while: () => committing = waiting.size > 0,
    body: () => commitOnce,
    step: () => {}
  })

  const submit = <A>(change: Change<Document, A>): Effect.Effect<A, E> =>
    Effect.suspend(() => {
      const done = Deferred.makeUnsafe<A, E>()
      let answer: Exit.Exit<A> = Exit.interrupt()
      const mine: Waiting<Document, E> = {
        apply: (before) => {
          try {
            const [value, after] = change(before)
            answer = Exit.succeed(value)
            return after
          } catch (defect) {
            answer = Exit.die(defect)
            return before
          }
        },
        settle: (outcome) => Deferred.doneUnsafe(done, Exit.isSuccess(outcome) ? answer : Exit.failCause(outcome.cause))
      }
      waiting.add(mine)
      const start = committing ? Effect.void : Effect.map(Effect.forkDetach(commitAll), (fiber) => {
        committer = fiber
      })
      committing = true
      return Effect.uninterruptibleMask((restore) =>
        start.pipe(
          Effect.andThen(restore(Deferred.await(done))),
          Effect.onInterrupt(() => Effect.sync(() => waiting.delete(mine)))
        )
      )
    })

  return { change: submit, isBusy: () => committing } satisfies GroupCommit<Document, E>
})
