const mask = '[redacted]';
/** `NAME=value` of an environment, also behind `export` or the `+` of a shell that traces. */
const assignment =
  /^\s{0,32}(?:(?:export|set|declare -x|env|ENV|-e|\+{1,4}) )?"?([A-Za-z_][A-Za-z0-9_.-]{0,127})=(?![=\s])/;
/** `name: value`, only where the name ends as a secret's does: `AuthError: ...` is what a test failed with. */
const field = /^\s{0,32}"?([A-Za-z_][A-Za-z0-9_.-]{0,127})"?:\s(?=\S)/;
const secretName = /SECRET|TOKEN|PASSW|PASSPHRASE|CREDENTIAL|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|AUTH(?!OR)|COOKIE/i;
const secretField = /(?:^|[_.-])(?:password|passwd|passphrase|secret|token|api_?key|cookie)$/i;

/** Takes the credentials out of URLs, and tokens of well-known shapes out of any text: never of use for a patch. */
export function withoutCredentials(text: string): string {
  return text
    .replace(/:\/\/(?!git@)[^\s/@'"`<>]{1,512}@/g, `://${mask}@`)
    .replace(/(?<![A-Za-z0-9_-])(?:gh[pousr]|github_pat|glpat|cf|sk|xox[abpr])[_-][A-Za-z0-9_-]{20,255}/g, mask)
    .replace(/\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g, mask)
    .replace(/(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,4096}\.[A-Za-z0-9_-]{8,4096}\.[A-Za-z0-9_-]{8,4096}/g, mask)
    .replace(/-----BEGIN [A-Z ]{0,32}PRIVATE KEY-----[\s\S]{0,8192}?-----END [A-Z ]{0,32}PRIVATE KEY-----/g, mask);
}

/** The same for what programs print, where lines of an environment and headers with credentials turn up as well. */
export function withoutEnvironment(text: string): string {
  return withoutCredentials(text)
    .replace(/\b(authorization\s{0,4}[:=]\s{0,4}"?(?:[A-Za-z]{1,16} )?)[^\s"']{1,4096}/gi, `$1${mask}`)
    .split('\n')
    .map((line) => maskedLine(line, assignment, secretName) ?? maskedLine(line, field, secretField) ?? line)
    .join('\n');
}

function maskedLine(line: string, shape: RegExp, secret: RegExp): string | undefined {
  const [beginning, name = ''] = shape.exec(line) ?? [];
  return beginning !== undefined && secret.test(name) ? `${beginning}${mask}` : undefined;
}
