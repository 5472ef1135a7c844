import type { WebhookFormat } from '../../../events/projects/project.ts';
import type { Notice } from './notice-body.ts';
import { type LineFacts, lineOf, type NoticeLine } from './notice-line.ts';

/**
 * A line in the words of a chat. What the line says comes from repositories, tools and agents: it formats nothing, links
 * nowhere and calls nobody.
 */
type ChatBody = Readonly<Record<string, unknown>>;

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

export function slackBody({ project, words, links, items }: NoticeLine): ChatBody {
  const shown = links.map(({ title, url }) => `<${slackUrl(url)}|${slackText(title)}>`);
  const line = [`*${slackText(project)}*`, slackText(words), ...shown].join(' ');
  const listed = items.map(
    (one) => `• ${one.url === null ? '' : `<${slackUrl(one.url)}|open> `}${slackText(one.words)}`,
  );
  const text = [line, ...listed].join('\n');
  return { text, unfurl_links: false, unfurl_media: false };
}

function markdownItems(items: NoticeLine['items'], link: (url: string) => string): string[] {
  return items.map(({ words, url }) => `- ${url === null ? '' : `${link(markdownUrl(url))} `}${markdownText(words)}`);
}

export function mattermostBody({ project, words, links, items }: NoticeLine): ChatBody {
  const shown = links.map(({ title, url }) => `[${markdownText(title)}](${markdownUrl(url)})`);
  return {
    username: 'crafting-table',
    text: [
      [`**${markdownText(project)}**`, markdownText(words), ...shown].join(' '),
      ...markdownItems(items, (url) => `[open](${url})`),
    ].join('\n'),
  };
}

export function discordBody({ project, words, links, items }: NoticeLine): ChatBody {
  const shown = links.map(({ title, url }) => `[${markdownText(title)}](<${markdownUrl(url)}>)`);
  const line = [`**${markdownText(project)}**`, markdownText(words), ...shown].join(' ');
  const listed = markdownItems(items, (url) => `[open](<${url}>)`);
  // As many as its limit takes: half a link leads nowhere.
  while (listed.length > 0 && [line, ...listed].join('\n').length > mostOfDiscord) listed.pop();
  const text = [line, ...listed].join('\n');
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
