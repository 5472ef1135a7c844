import { shellArgument } from '../../../../recipes/shell-word.ts';
import { jsonLine, type Provider, promptInput } from './define.ts';

/** Codex without a terminal: developers.openai.com/codex, "Non-interactive mode" and "Configuration". */
export const codex: Provider = {
  name: 'codex',
  gateway: ['openai'],
  session: ['.codex/sessions', '.codex/history.jsonl'],
  env: {},
  command: ({ program, model, resumes }) =>
    [
      `${program} exec${resumes ? ' resume --last' : ''} --json --skip-git-repo-check`,
      '--dangerously-bypass-approvals-and-sandbox',
      ...(model === null ? [] : [`--model ${shellArgument(model)}`]),
      '-',
      promptInput,
    ].join(' '),
  home: ({ env, sidecarTool, providerTools }) => ({
    '.codex/config.toml': [
      'model_provider = "crafting-table"',
      'check_for_update_on_startup = false',
      // It asks for a search of its provider's in every request, of which the gateway refuses all unless the manifest lists it.
      ...(providerTools.some((one) => /^(web_search|web_\*|\*)$/.test(one)) ? [] : ['web_search = "disabled"']),
      '[model_providers.crafting-table]',
      'name = "crafting-table"',
      `base_url = ${JSON.stringify(env['OPENAI_BASE_URL'] ?? 'http://127.0.0.1:3128/openai/v1')}`,
      'env_key = "OPENAI_API_KEY"',
      'wire_api = "responses"',
      '[mcp_servers.crafting-table]',
      `command = ${JSON.stringify(sidecarTool)}`,
      'args = ["mcp"]',
      // Its first question is not asked before the tools are there.
      'required = true',
      '',
    ].join('\n'),
  }),
  readUsage: (line) => {
    const said = jsonLine(line);
    if (said?.['type'] === 'thread.started' && typeof said['thread_id'] === 'string')
      return { session: said['thread_id'].slice(0, 128) };
    return said?.['type'] === 'turn.completed' ? { turns: 1 } : null;
  },
};
