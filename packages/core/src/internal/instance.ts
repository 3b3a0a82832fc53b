/**
 * Instances of schema classes from fields that were checked before.
 */

/** What the constructor makes, without a look at each field: there are thousands of entries to make one of. */
export const make = <A extends object>(
  schemaClass: { readonly prototype: A },
  fields: { readonly [K in keyof A]: A[K] }
): A => Object.assign(Object.create(schemaClass.prototype) as A, fields)
