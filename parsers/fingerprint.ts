import { hash } from 'node:crypto';

/** 16 hex digits over `kind|file|line|code`, null as empty: the key that API clients know. Wording is left out. */
export function fingerprint(finding: {
  kind: string;
  file: string | null;
  line: number | null;
  code: string | null;
}): string {
  const key = `${finding.kind}|${finding.file ?? ''}|${finding.line ?? ''}|${finding.code ?? ''}`;
  return hash('sha256', key, 'hex').slice(0, 16);
}
