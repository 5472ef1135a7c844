/** A word for /bin/sh that also cannot be taken for an option. */
export function shellWord(path: string): string {
  return shellArgument(path.startsWith('-') ? `./${path}` : path);
}

/** A word for /bin/sh as it stands: options of a project's own script stay options. */
export function shellArgument(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
