const advisory =
  /^(?:CVE-\d{4}-\d{3,9}|GHSA(?:-[0-9a-z]{4}){3}|RUSTSEC-\d{4}-\d{4}|GO-\d{4}-\d{3,6}|PYSEC-\d{4}-\d{1,6}|OSV-\d{4}-\d{1,9}|PKSA-[\w-]{4,40}|MAL-\d{4}-\d{1,9}|SNYK-[\w-]{4,80}|NSWG-[\w-]{3,40}|(?:DLA|DSA|USN|ALAS|RHSA|ELSA|SUSE-SU|TEMP)-[\w:.-]{3,40})$/i;

/** Whether a code is the id of an advisory, and not the name of a rule. */
export function isAdvisoryId(code: string): boolean {
  return code.length <= 100 && advisory.test(code);
}

/** The page of an advisory whose database has one, for tools that print none. */
export function advisoryUrl(id: string): string | null {
  return isAdvisoryId(id) ? `https://osv.dev/vulnerability/${encodeURIComponent(id)}` : null;
}
