import { hash } from 'node:crypto';

export function hashBearer(bearer: string): string {
  return hash('sha256', bearer, 'hex');
}
