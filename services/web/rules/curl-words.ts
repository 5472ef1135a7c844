type Call = { readonly method: string; readonly path: string; readonly body?: unknown };

const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

/** A call as a command that anybody can run who has the token in `$TOKEN`. */
export function curlWords({ method, path, body }: Call, origin: string): string {
  const parts = ['curl -fsS', ...(method === 'GET' ? [] : [`-X ${method}`]), '-H "Authorization: Bearer $TOKEN"'];
  if (body !== undefined) parts.push(`-H 'Content-Type: application/json' -d ${quoted(JSON.stringify(body))}`);
  return [...parts, quoted(origin + path)].join(' ');
}
