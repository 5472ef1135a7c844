import {
  acceptedContent,
  CLIENT_CAPABILITIES_META_KEY,
  type InputRequiredResult,
  inputRequired,
  inputResponse,
  type Server,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { AppError } from '../floor/app-error.ts';
import type { Asks } from './define.ts';

/** As the request came: what its client can do. */
type Envelope = { readonly [CLIENT_CAPABILITIES_META_KEY]?: { readonly elicitation?: object } };

type Asking = { readonly server: Server; readonly context: ServerContext };

/**
 * What the person at the client says of a field that was left out, or the answer that asks the client to ask. Throws AppError where
 * nobody can be asked, and where the person does not say.
 */
export async function askPerson(
  { field, message, title }: Asks,
  { server, context }: Asking,
): Promise<{ readonly said: string } | { readonly ask: InputRequiredResult }> {
  const { mcpReq } = context;
  const modern = mcpReq.envelope !== undefined;
  const declared = modern
    ? (mcpReq.envelope as Envelope)[CLIENT_CAPABILITIES_META_KEY]
    : server.getClientCapabilities();
  if (declared?.elicitation === undefined)
    throw new AppError('invalid', `${field}: expected a text; this client cannot ask a person for it.`);
  const question = {
    message,
    requestedSchema: {
      type: 'object' as const,
      properties: { [field]: { type: 'string' as const, title, minLength: 1, maxLength: 1024 } },
      required: [field],
    },
  };
  if (!modern) {
    const { action, content } = await mcpReq.elicitInput({ mode: 'form', ...question });
    return { said: textIn(action === 'accept' ? content : undefined, field) };
  }
  if (inputResponse(mcpReq.inputResponses, field).kind === 'missing')
    return { ask: inputRequired({ inputRequests: { [field]: inputRequired.elicit(question) } }) };
  return { said: textIn(acceptedContent(mcpReq.inputResponses, field), field) };
}

function textIn(content: Record<string, unknown> | undefined, field: string): string {
  const said = content?.[field];
  if (typeof said === 'string' && said.trim() !== '') return said;
  throw new AppError('conflict', `The person did not say the ${field}: nothing was done.`);
}
