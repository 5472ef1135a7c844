import { cCpp } from './c-cpp.ts';
import type { Ecosystem } from './define.ts';
import { deno } from './deno.ts';
import { dotnet } from './dotnet.ts';
import { go } from './go.ts';
import { javascript } from './javascript.ts';
import { jvm } from './jvm.ts';
import { php } from './php.ts';
import { python } from './python.ts';
import { root } from './root.ts';
import { ruby } from './ruby.ts';
import { rust } from './rust.ts';
import { shell } from './shell.ts';
import { swift } from './swift.ts';

/** All units, by the name of their file. Where two share a folder, the earlier one gives the language. */
export const ecosystems: readonly Ecosystem[] = [
  cCpp,
  deno,
  dotnet,
  go,
  javascript,
  jvm,
  php,
  python,
  root,
  ruby,
  rust,
  shell,
  swift,
];
