/** Ends with 0 when this container does its part: the API answers, or, where there is none, the process is there. */
export async function healthcheck(env: NodeJS.ProcessEnv): Promise<number> {
  const roles = (env['CRAFTING_ROLES'] ?? '').split(',').map((role) => role.trim());
  if (roles[0] !== '' && !roles.includes('api')) return 0;
  try {
    const answer = await fetch(`http://127.0.0.1:${env['CRAFTING_PORT'] || '8810'}/healthz`, {
      signal: AbortSignal.timeout(4_000),
    });
    return answer.ok ? 0 : 1;
  } catch {
    return 1;
  }
}

if (import.meta.main) process.exit(await healthcheck(process.env));
