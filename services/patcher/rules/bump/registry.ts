import { bundler } from './bundler.ts';
import { cargo } from './cargo.ts';
import { composer } from './composer.ts';
import type { BumpEcosystem } from './define.ts';
import { goModules } from './go-modules.ts';
import { npm } from './npm.ts';
import { pip } from './pip.ts';
import { pnpm } from './pnpm.ts';

/** All package managers, in alphabetical order. */
export const bumpEcosystems: readonly BumpEcosystem[] = [bundler, cargo, composer, goModules, npm, pip, pnpm];
