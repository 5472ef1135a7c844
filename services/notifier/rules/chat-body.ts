import type { WebhookFormat } from '../../../events/project.ts';
import type { Notice } from './notice-body.ts';
import { type LineFacts, lineOf, type NoticeLine } from './notice-line.ts';

/**
 * A line in the words of a chat. What the line says comes from repositories, tools and agents: it formats nothing, links
 * nowhere and calls nobody.
 */
export type ChatBody = Readonly<Record<string, unknown>>;

const gap = '\u200b';
const mostOfDiscord = 2_000;

/** What a chat would make a link of by itself. */
const unlinked = (text: string) => text.replace(/:\/\//g, `:${gap}//`).replace(/\b(www)\./gi, `$1${gap}.`);

/** Slack reads `&`, `<` and `>`; its marks have no escape, so a character of no width stands before each. */
function slackText(text: string): string {
  return unlinked(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[*_~`]/g, `${gap}$&`);
}

/** Markdown, where a backslash takes the meaning of any mark; a name that is called is parted from its sign. */
function markdownText(text: string): string {
  return unlinked(text)
    .replace(/[\\`*_{}[\]()#+\-.!|~<>]/g, '\\$&')
    .replace(/[@:](?=\S)/g, `$&${gap}`);
}

const slackUrl = (url: string) => url.replace(/[<>|&\s]/g, encodeURIComponent);
const markdownUrl = (url: string) => url.replace(/[()<>\s\\]/g, (char) => `%${char.charCodeAt(0).toString(16)}`);

export function slackBody({ project, words, links }: NoticeLine): ChatBody {
  const shown = links.map(({ title, url }) => `<${slackUrl(url)}|${slackText(title)}>`);
  const text = [`*${slackText(project)}*`, slackText(words), ...shown].join(' ');
  return { text, unfurl_links: false, unfurl_media: false };
}

export function mattermostBody({ project, words, links }: NoticeLine): ChatBody {
  const shown = links.map(({ title, url }) => `[${markdownText(title)}](${markdownUrl(url)})`);
  return {
    username: 'crafting-table',
    text: [`**${markdownText(project)}**`, markdownText(words), ...shown].join(' '),
  };
}

export function discordBody({ project, words, links }: NoticeLine): ChatBody {
  const shown = links.map(({ title, url }) => `[${markdownText(title)}](<${markdownUrl(url)}>)`);
  const text = [`**${markdownText(project)}**`, markdownText(words), ...shown].join(' ');
  return {
    username: 'crafting-table',
    content: text.length <= mostOfDiscord ? text : `**${markdownText(project)}** ${shown.join(' ')}`,
    allowed_mentions: { parse: [] },
  };
}

const chats: Readonly<Partial<Record<WebhookFormat, (line: NoticeLine) => ChatBody>>> = {
  slack: slackBody,
  mattermost: mattermostBody,
  discord: discordBody,
};

/** A notice as a webhook of a format wants it: a line for a chat, else all of it. */
export function webhookBody(format: WebhookFormat, notice: Notice, facts: LineFacts): string {
  const chat = chats[format];
  return JSON.stringify(chat ? chat(lineOf(notice, facts)) : notice);
}
