import { cargoAudit } from './cargo-audit.ts';
import { cargoTest } from './cargo-test.ts';
import { clippy } from './clippy.ts';
import type { Parser } from './define.ts';
import { eslint } from './eslint.ts';
import { generic } from './generic.ts';
import { goTest } from './go-test.ts';
import { goVet } from './go-vet.ts';
import { govulncheck } from './govulncheck.ts';
import { mypy } from './mypy.ts';
import { nodeTest } from './node-test.ts';
import { npmAudit } from './npm-audit.ts';
import { pipAudit } from './pip-audit.ts';
import { pytest } from './pytest.ts';
import { ruff } from './ruff.ts';
import { rustcText } from './rustc-text.ts';
import { shellcheck } from './shellcheck.ts';
import { tsc } from './tsc.ts';

/** Every parser, by name, alphabetically. */
export const parsers: readonly Parser[] = [
  cargoAudit,
  cargoTest,
  clippy,
  eslint,
  generic,
  goTest,
  goVet,
  govulncheck,
  mypy,
  nodeTest,
  npmAudit,
  pipAudit,
  pytest,
  ruff,
  rustcText,
  shellcheck,
  tsc,
];
