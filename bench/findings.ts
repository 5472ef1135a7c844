import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openFarm } from '../test/support/farm.ts';
import { type Figure, printed } from './figure.ts';

const files = 100;
const perFile = 100;

/**
 * One job with 10,000 findings, then the same again: parsed, matched against the 10,000 that are open, visible over HTTP.
 * There is no denominator but the promise: under 5 s on 2 cores.
 */
export async function run(): Promise<Figure[]> {
  const source = (file: number) => Array.from({ length: perFile }, (_, line) => `bad(${file}, ${line});`).join('\n');
  const names = Array.from({ length: files }, (_, file) => `src/file-${file}.js`);
  const farm = await openFarm({ files: Object.fromEntries(names.map((name, file) => [name, source(file)])) });
  try {
    const output = join(farm.dir, 'output');
    const messages = Array.from({ length: perFile }, (_, line) => ({
      ruleId: 'no-bad',
      severity: 2,
      message: 'bad is bad',
      line: line + 1,
      column: 1,
    }));
    writeFileSync(
      output,
      JSON.stringify(
        names.map((filePath) => ({ filePath, messages, errorCount: perFile, warningCount: 0, fatalErrorCount: 0 })),
      ),
    );
    const lint = `cat ${output}; exit 1 # eslint -f json`;
    await farm.http.post('/projects', {
      name: 'big',
      git_url: farm.repository,
      subprojects: [{ path: '.', language: 'javascript', lint }],
    });
    const figures: Figure[] = [];
    for (const what of ['new', 'matched against as many open ones']) {
      const start = performance.now();
      const { json } = await farm.http.post('/projects/big/jobs', { recipe: 'lint' });
      await farm.http.ended(json.job_id);
      const { json: list } = await farm.http.get(`/jobs/${json.job_id}/findings`);
      figures.push({
        what: `${list.findings.length} findings of one job, ${what}, until read over HTTP`,
        unit: 's',
        ours: (performance.now() - start) / 1000,
        limit: null,
        target: { atMost: 5 },
      });
    }
    return figures;
  } finally {
    await farm.close();
  }
}

if (import.meta.main) await printed(run);
