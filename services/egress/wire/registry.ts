import { anthropicCount, anthropicMessages, anthropicModels } from './anthropic-messages.ts';
import type { WireFormat } from './define.ts';
import { geminiGenerate } from './gemini-generate.ts';
import { openaiChat, openaiModels, openaiPlain } from './openai-chat.ts';
import { openaiResponses } from './openai-responses.ts';

/** What each kind of provider can be asked; nothing else is let through. */
export const wireFormats = {
  anthropic: [anthropicMessages, anthropicCount, anthropicModels],
  gemini: [geminiGenerate],
  openai: [openaiChat, openaiResponses, openaiPlain, openaiModels],
} as const satisfies Readonly<Record<string, readonly WireFormat[]>>;

export type ProviderKind = keyof typeof wireFormats;

/** The format of a request, or undefined for what is not let through. */
export function formatOf(kind: ProviderKind, method: string, path: string): WireFormat | undefined {
  return wireFormats[kind].find((format: WireFormat) => format.matches(method, path));
}
