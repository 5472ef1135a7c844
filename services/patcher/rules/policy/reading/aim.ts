import type { FoundAt } from './judged-patch.ts';

/** What a patch is to mend: it may not get rid of that by another door. */
export type Aim = {
  readonly test: boolean;
  readonly errors: boolean;
  readonly types: boolean;
  readonly hidden: boolean;
  readonly shell: boolean;
  readonly secret: boolean;
  readonly query: boolean;
  readonly unused: boolean;
  readonly panics: boolean;
  readonly security: boolean;
};

export const noAim: Aim = {
  test: false,
  errors: false,
  types: false,
  hidden: false,
  shell: false,
  secret: false,
  query: false,
  unused: false,
  panics: false,
  security: false,
};

const codes: Readonly<Record<Exclude<keyof Aim, 'test'>, RegExp>> = {
  errors:
    /^(?:E722|BLE\d+|S11[02]|W07(?:0[23]|1[89])|no-empty|errcheck|C\.?A1031)$|catch|except|rescue|unhandled|swallow/i,
  types:
    /^TS\d+$|^CS\d{4}$|^E0308$|^(?:arg-type|return-value|assignment|attr-defined|union-attr|index|operator|call-overload|call-arg|override|typeddict-item|var-annotated|no-any-return|report\w+|typecheck|compiler)$|^(?:argument|return|property|offsetAccess|method|assign|binaryOp)\.|type.?mismatch|no-unsafe|no-explicit-any|no-non-null/i,
  hidden: /eval|^(?:S307|S102|B307|B102|W012[23])$|no-new-func|exec-used/i,
  shell:
    /^(?:S60[2-79]|B60[2-79]|G204|W1510)$|shell|child.?process|command.?inj|os.?command|^Security\/Open$|cwe-?78\b/i,
  secret:
    /^(?:S10[5-7]|B10[5-7]|G101|S2068|S6418|S6437)$|secret|passw|credential|hard-?_?coded|api.?key|token|cwe-?798|private.?key/i,
  unused:
    /^(?:F841|F811|W061[1-4]|B007|SA4006|SA4009|U1000|S1481|S1144|S1068|TS6133|TS6192|TS6196|CS0168|CS0219|CS0169|IDE005[12]|CA1823|SC2034|dead[_-]code|ineffassign|DLS_DEAD\w+|Lint\/UselessAssignment)$|unused(?!.*param)|declared and not used/i,
  security:
    /^(?:S[1-7]\d\d|B[1-7]\d\d|G[1-6]\d\d)$|insecure|security|verify|tls|ssl|certific|weak|cipher|crypto|sanitiz|injection|xss|cwe-?\d|redirect|traversal|random/i,
  panics: /^clippy::(?:unwrap_used|expect_used|panic|unreachable|todo|indexing_slicing)$/,
  query: /^(?:S608|B608|G20[12]|S3649|S2077)$|sql/i,
};

/** Of kinds and codes of findings; without findings nothing is known. */
export function aimOf(findings: readonly FoundAt[] | undefined): Aim {
  if (findings === undefined) return noAim;
  const asks = (name: keyof typeof codes) => findings.some(({ code }) => code !== null && codes[name].test(code));
  return {
    test: findings.some(({ kind }) => kind === 'test_fail'),
    errors: asks('errors'),
    types: findings.some(({ kind }) => kind === 'type_check') || asks('types'),
    hidden: asks('hidden'),
    shell: asks('shell'),
    secret: findings.some(({ kind }) => kind === 'secret') || asks('secret'),
    query: asks('query'),
    unused: asks('unused'),
    panics: asks('panics'),
    security: asks('security'),
  };
}
