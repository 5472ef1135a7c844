import { createHash } from 'node:crypto';
import type { BottleWork } from '../../events/jobs/bottle.ts';
import type { CommentText, ForgeVoice } from '../bottles/forge-voice.ts';
import { AppError } from '../floor/app-error.ts';
import { quoted } from '../floor/text/escape-text.ts';
import type { Place, Talk, TalkIssue } from '../io/forge/talk/talk.ts';
import { withSection } from './rules/said-section.ts';

type Speaker = {
  readonly talk: Talk;
  readonly bottle_id: string;
  readonly work: BottleWork;
  /** The pull requests of its issue, as they are now. */
  readonly pulls: () => readonly number[];
  /** The provenance of its run, as it is now. */
  readonly footer: () => string;
  readonly redacted: (text: string) => string;
};

/**
 * What a bottle reads and says in one repository. It says everything once, under a mark that nobody who reads the thread beforehand
 * can know, and with the provenance of its run below; to its own issue and the pull requests of that alone.
 */
export function voiceOfTalk(speaker: Speaker): ForgeVoice {
  const { talk, work, pulls } = speaker;
  return {
    readIssue: async (number) => {
      const { title, body, state, author, place, url } = await read(number, speaker);
      return { number, title, body, state, author, isPull: place === 'pull', url };
    },
    readComments: async (number) => {
      const { place } = await read(number, speaker);
      const all = place === 'pull' ? await talk.reviews(number) : await talk.comments('issue', number);
      return all.map(({ author, body, createdAt: at, url, path, line }): CommentText => {
        const where = { ...(path === null ? {} : { path }), ...(line === null ? {} : { line }) };
        return { author, body, at, url, ...where };
      });
    },
    postComment: async ({ number, body, key }) => {
      const place = placeToWrite(number, speaker);
      const mark = markOf(key, speaker);
      const there = (await talk.comments(place, number)).find((one) => one.body.includes(mark));
      if (there) return { url: there.url || null };
      const posted = await talk.say(place, number, wordsOf(body, mark, speaker));
      return { url: posted.url || null };
    },
    updateDescription: async ({ number, body, key }) => {
      const place = placeToWrite(number, speaker);
      const mark = markOf(key, speaker);
      const { body: before } = await read(number, speaker);
      if (before.includes(mark)) return;
      await talk.describe(place, number, withSection(before, wordsOf(body, mark, speaker)));
    },
    pullsOf: async (issue) => (issue === work.issue ? pulls() : []),
  };
}

/** GitLab numbers issues and merge requests apart: a number alone names no place. */
const isPull = (number: number, { work, pulls }: Speaker) => number !== work.issue && pulls().includes(number);

/** Whoever asks was judged already; what is no place of this work is not written to whatever they say. */
function placeToWrite(number: number, speaker: Speaker): Place {
  if (number === speaker.work.issue) return 'issue';
  if (isPull(number, speaker)) return 'pull';
  throw new AppError('forbidden', `This work may not write to #${number}.`);
}

async function read(number: number, speaker: Speaker): Promise<TalkIssue> {
  const { talk } = speaker;
  const places: [Place, Place] = isPull(number, speaker) ? ['pull', 'issue'] : ['issue', 'pull'];
  const found = (await talk.read(places[0], number)) ?? (await talk.read(places[1], number));
  if (found === null) throw new AppError('not_found', `There is no issue or pull request ${number}.`);
  return found;
}

function markOf(key: string, { bottle_id }: Speaker): string {
  return `<!-- crafting-table ${createHash('sha256').update(`${bottle_id}\n${key}`).digest('hex').slice(0, 32)} -->`;
}

/** Its agent may have been talked into anything: what it says calls nobody, and closes nothing. */
function wordsOf(body: string, mark: string, { redacted, footer }: Speaker): string {
  return [quoted(redacted(body), 20_000), footer(), mark].join('\n\n');
}
