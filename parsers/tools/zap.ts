import type { Tool } from './define.ts';

export const zap: Tool = {
  name: 'zap',
  documentation: 'https://www.zaproxy.org/docs/docker/baseline-scan/',
  install: 'the image zaproxy/zap-stable',
  programs: ['zap-baseline.py', 'zap-full-scan.py', 'zap-api-scan.py'],
  languages: [],
  settings: { files: ['zap.{conf,yaml,yml,context}', 'zap-*.{conf,yaml,yml,context}', '.zap/**'] },
  options: { ignores: '-I -l', config: '-c -u -n -z' },
};
