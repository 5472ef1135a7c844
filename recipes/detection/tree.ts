import { posix } from 'node:path';
import type { Tree } from '../define.ts';

const { basename, dirname } = posix;

/** Whether a path lies in a folder, or is it. */
export function inside(path: string, folder: string): boolean {
  return folder === '.' || path === folder || path.startsWith(`${folder}/`);
}

/** The folders that hold a file of such a name, outer ones first. */
export function foldersWith(tree: Tree, name: RegExp): string[] {
  const folders = new Set(tree.files.filter((file) => name.test(basename(file))).map((file) => dirname(file)));
  return [...folders].sort((a, b) => depth(a) - depth(b) || (a < b ? -1 : 1));
}

/** Those folders that lie in no other one which covers them. */
export function uncovered(folders: readonly string[], covers: (outer: string, inner: string) => boolean): string[] {
  return folders.filter(
    (inner) => !folders.some((outer) => outer !== inner && inside(inner, outer) && covers(outer, inner)),
  );
}

/** The files of a folder that belong to no deeper one of `folders`, relative to it. */
export function ownFiles(tree: Tree, folder: string, folders: readonly string[]): string[] {
  const deeper = folders.filter((other) => other !== folder && inside(other, folder));
  return tree.files
    .filter((file) => inside(file, folder) && !deeper.some((other) => inside(file, other)))
    .map((file) => (folder === '.' ? file : file.slice(folder.length + 1)));
}

/** `folder/name`, without a leading `./`. */
export function at(folder: string, name: string): string {
  return posix.join(folder, name);
}

/** The deepest folder that holds all of these files. */
export function commonFolder(files: readonly string[]): string {
  const [first = [], ...others] = files.map((file) => file.split('/').slice(0, -1));
  const differs = first.findIndex((part, index) => others.some((other) => other[index] !== part));
  return first.slice(0, differs === -1 ? first.length : differs).join('/') || '.';
}

function depth(folder: string): number {
  return folder === '.' ? 0 : folder.split('/').length;
}
