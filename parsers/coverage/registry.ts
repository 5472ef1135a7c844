import { clover } from './clover.ts';
import { cobertura } from './cobertura.ts';
import { coveragePy } from './coverage-py.ts';
import type { CoverageFormat } from './define.ts';
import { goCover } from './go-cover.ts';
import { istanbul } from './istanbul.ts';
import { istanbulSummary } from './istanbul-summary.ts';
import { jacoco } from './jacoco.ts';
import { lcov } from './lcov.ts';
import { llvmCov } from './llvm-cov.ts';

/** Every format of coverage, by name, alphabetically. */
export const coverageFormats: readonly CoverageFormat[] = [
  clover,
  cobertura,
  coveragePy,
  goCover,
  istanbul,
  istanbulSummary,
  jacoco,
  lcov,
  llvmCov,
];
