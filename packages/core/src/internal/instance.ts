/**
 * Instances of schema classes from fields that were checked before.
 */

/**
 * A constructor of such instances without a look at each field: there are
 * thousands of entries to make one of.
 *
 * `assign`, a `function` that sets every field, is what makes it fast: the
 * engine sees in it how many there are, and gives each instance its room at once.
 */
export const constructorOf = <A extends object, Args extends ReadonlyArray<unknown>>(
  schemaClass: { readonly prototype: A },
  assign: (this: { -readonly [K in keyof A]: A[K] }, ...args: Args) => void
): new(...args: Args) => A => {
  assign.prototype = schemaClass.prototype
  return assign as unknown as new(...args: Args) => A
}
