import { callService } from '../../events/http/call-service.ts';

/** Ends with 0 when this container does its part: the API answers, or, where there is none, the process is there. */
export async function healthcheck(env: NodeJS.ProcessEnv): Promise<number> {
  const roles = (env['CRAFTING_ROLES'] ?? '').split(',').map((role) => role.trim());
  if (roles[0] !== '' && !roles.includes('api')) return 0;
  try {
    const url = `http://127.0.0.1:${env['CRAFTING_PORT'] || '8810'}`;
    const answer = await callService({ url }, { path: '/healthz', tries: 1, answerMs: 4_000 });
    return answer.ok ? 0 : 1;
  } catch {
    return 1;
  }
}

if (import.meta.main) process.exit(await healthcheck(process.env));
