/** The directory of this package as a URL, from its `src/` as from its `dist/`, where every file is at the top. */
export const PACKAGE_DIRECTORY = new URL('..', import.meta.url)
