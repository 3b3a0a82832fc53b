declare module "proper-lockfile" {
  const lockfile: {
    readonly lock: (file: string, options: { readonly retries: object }) => Promise<() => Promise<void>>
  }
  export default lockfile
}

declare module "write-file-atomic" {
  export default function writeFileAtomic(file: string, text: string): Promise<void>
}
