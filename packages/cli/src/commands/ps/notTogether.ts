/** Says so of the first two of these flags that were given. */
export const notTogether = (flags: Readonly<Record<string, boolean>>): string | undefined => {
  const [first, second] = Object.keys(flags).filter((flag) => flags[flag])
  return second === undefined ? undefined : `${first} and ${second} cannot be used together`
}
