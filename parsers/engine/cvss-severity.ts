import calculator from 'ae-cvss-calculator';

const { Cvss2, Cvss3P0, Cvss3P1, Cvss4P0 } = calculator;

export type CvssSeverity = 'critical' | 'high' | 'medium' | 'low' | 'info';

const baseMetrics = {
  v2: ['AV', 'AC', 'Au', 'C', 'I', 'A'],
  v3: ['AV', 'AC', 'PR', 'UI', 'S', 'C', 'I', 'A'],
  v4: ['AV', 'AC', 'AT', 'PR', 'UI', 'VC', 'VI', 'VA', 'SC', 'SI', 'SA'],
} as const;

/**
 * The severity of a CVSS 2, 3.0, 3.1 or 4.0 vector by its base score (4.0: by its one score), or null when it is no
 * whole vector. CVSS 2 has no critical of its own; the bands of version 3 are used for all of them.
 */
export function cvssSeverity(vector: string): CvssSeverity | null {
  const text = vector.trim().replace(/^\(|\)$/g, '');
  if (text.length > 512) return null;
  try {
    const score = baseScore(text);
    return score === null || !Number.isFinite(score) ? null : scoreSeverity(score);
  } catch {
    return null;
  }
}

/** The severity of a score from 0 to 10; null for what is none. */
export function scoreSeverity(score: number): CvssSeverity | null {
  if (!(score >= 0 && score <= 10)) return null;
  if (score >= 9) return 'critical';
  if (score >= 7) return 'high';
  if (score >= 4) return 'medium';
  return score > 0 ? 'low' : 'info';
}

function baseScore(vector: string): number | null {
  // The library takes a vector with metrics missing or misspelt for a score of its own.
  if (vector.startsWith('CVSS:4.0/')) {
    return has(vector, baseMetrics.v4) ? new Cvss4P0(vector).calculateScores().overall : null;
  }
  if (/^CVSS:3\.[01]\//.test(vector)) {
    if (!has(vector, baseMetrics.v3)) return null;
    const parsed = vector.startsWith('CVSS:3.0/') ? new Cvss3P0(vector) : new Cvss3P1(vector);
    return parsed.calculateScores().base ?? null;
  }
  const second = vector.replace(/^CVSS:2\.0\//, '');
  return has(second, baseMetrics.v2) ? (new Cvss2(second).calculateScores().base ?? null) : null;
}

function has(vector: string, metrics: readonly string[]): boolean {
  const parts = vector.split('/');
  return metrics.every((metric) =>
    parts.some((part) => part.startsWith(`${metric}:`) && /^[A-Z]$/.test(part.slice(metric.length + 1))),
  );
}
