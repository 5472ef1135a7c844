import type { Provider } from '../../bottles/rules/providers/define.ts';

const longestLine = 1024 * 1024;

/** Hears what an agent program prints, and adds up the turns that it tells of; null while it tells of none. */
export function toldUsage(provider: Pick<Provider, 'readUsage'>) {
  let rest = '';
  let turns: number | null = null;
  return {
    write: (chunk: Buffer) => {
      const lines = (rest + chunk.toString('utf8')).split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > longestLine) rest = '';
      for (const line of lines) {
        const told = provider.readUsage(line)?.turns;
        if (told !== undefined) turns = Math.min((turns ?? 0) + told, 1_000_000);
      }
    },
    turns: () => turns,
  };
}
