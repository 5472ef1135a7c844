import { remoteOf, type Step } from './attempt-steps.ts';

/** Text files of the base commit, by path. What is missing, too large or no UTF-8 is absent: it could not be written back as it was. */
export async function readTexts(paths: readonly string[], { patch, deps }: Step): Promise<Map<string, string>> {
  const blobs = await deps.workspaces.readBlobs(await remoteOf(patch, deps), patch.base.sha, [...new Set(paths)]);
  const texts = new Map<string, string>();
  for (const [path, bytes] of blobs) {
    const text = bytes.toString('utf8');
    if (Buffer.from(text, 'utf8').equals(bytes)) texts.set(path, text);
  }
  return texts;
}
