import { shellArgument } from '../../../../recipes/shell-word.ts';
import { jsonLine, type Provider, promptInput } from './define.ts';

/** Claude Code in print mode: docs.claude.com, "CLI reference" and "Headless mode". */
export const claude: Provider = {
  name: 'claude',
  gateway: ['anthropic'],
  session: ['.claude', '.claude.json'],
  env: {
    // The sandbox is what holds it: asked for permission, nobody would answer.
    IS_SANDBOX: '1',
    DISABLE_AUTOUPDATER: '1',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    // The tools of the sidecar are not to be searched for: without signal_done nothing is done.
    ENABLE_TOOL_SEARCH: 'false',
  },
  command: ({ program, model, resumes }) =>
    [
      `${program} -p --output-format stream-json --verbose --dangerously-skip-permissions`,
      '--mcp-config "$HOME/.crafting-table/mcp.json" --strict-mcp-config',
      ...(model === null ? [] : [`--model ${shellArgument(model)}`]),
      ...(resumes ? ['--continue'] : []),
      promptInput,
    ].join(' '),
  home: ({ sidecarTool }) => ({
    '.crafting-table/mcp.json': JSON.stringify({
      mcpServers: { 'crafting-table': { command: sidecarTool, args: ['mcp'] } },
    }),
  }),
  readUsage: (line) => {
    const said = jsonLine(line);
    if (said?.['type'] !== 'result') return null;
    const { num_turns: turns, session_id: session } = said;
    return {
      ...(Number.isSafeInteger(turns) ? { turns: turns as number } : {}),
      ...(typeof session === 'string' ? { session: session.slice(0, 128) } : {}),
    };
  },
};
